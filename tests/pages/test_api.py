"""The API answers what the pages answer, and every no is a problem that a person can act on."""

import pytest

from ledger.models import Event


def test_r19_the_trail_by_api(history, as_role, seal):
    seal()
    answer = as_role("inspector").get("/api/trail/", {"quick": "corrections"}).json()
    assert (answer["count"], answer["count_is_exact"]) == (1, True)
    (line,) = answer["lines"]
    assert line["changes"] == [{"name": "", "old": "Spun <b>300 g</b>", "new": "Spun 400 g"}]
    assert line["recorded_at"].endswith("Z")
    assert line["sealed"] is True


def test_an_entry_by_api_carries_its_proof(history, as_role, seal):
    seal()
    event = history["moved"]
    answer = as_role("inspector").get(f"/api/entries/{event.id}/").json()
    assert answer["body"].encode() == event.body
    assert answer["evidence"]["holds"] is True
    assert len(answer["evidence"]["checks"]) == 4


def test_health_and_checkpoint_by_api(history, as_role, seal):
    client = as_role("inspector")
    assert client.get("/api/ledger/checkpoint/").status_code == 404
    seal()
    health = client.get("/api/ledger/health/").json()
    assert health["entries"] == health["sealed_size"] == Event.objects.count()
    note = client.get("/api/ledger/checkpoint/")
    assert note["Content-Type"] == "text/plain; charset=utf-8"
    assert note.content.decode().split("\n")[1] == str(health["sealed_size"])


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/trail/?since=soon", 400),
        ("/api/trail/?after=x", 400),
        ("/api/entries/00000000-0000-7000-8000-000000000000/", 404),
    ],
)
def test_every_no_is_a_problem_document(history, as_role, address, status):
    response = as_role("inspector").get(address)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"].endswith(".")


def test_r1_nothing_is_written_by_api(history, as_role):
    client = as_role("supervisor")
    for method in (client.post, client.put, client.patch, client.delete):
        assert method("/api/trail/").status_code in (403, 405)


def test_the_api_is_for_those_who_are_signed_in(history, client):
    response = client.get("/api/trail/")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Session")
    assert response.json()["title"] == "Sign in first."


WINDOWS = [
    "event", "logentry", "pending", "epoch", "checkpoint", "tile", "cosignature",
    "timestamptoken", "commandkey", "blob", "cursor", "trail",
]  # fmt: skip


def test_the_admin_site_is_named_and_holds_no_groups(history, as_role):
    """Given the administrator, then the start page leads to tables that are called by a name."""
    client = as_role("system_administrator")
    assert 'href="/admin/"' in client.get("/").content.decode()
    page = client.get("/admin/").content.decode()
    assert "Lotbook: the tables" in page
    assert "Log entries" in page
    assert "entrys" not in page
    assert "/admin/auth/" not in page
    assert 'href="/admin/"' not in as_role("inspector").get("/").content.decode()


@pytest.mark.parametrize("name", WINDOWS)
def test_r1_the_admin_site_is_a_window(history, as_role, seal, name):
    seal()
    client = as_role("system_administrator")
    page = client.get(f"/admin/ledger/{name}/")
    assert page.status_code == 200
    assert client.get(f"/admin/ledger/{name}/add/").status_code == 403
    html = page.content.decode()
    for control in ("_save", "_addanother", "_selected_action", 'name="action"'):
        assert control not in html


def test_r1_one_event_in_the_admin_site_cannot_be_changed(history, as_role):
    client = as_role("system_administrator")
    event = history["moved"]
    address = f"/admin/ledger/event/{event.id}/"
    page = client.get(f"{address}change/").content.decode()
    assert "Calibration overdue there" in page
    assert 'name="_save"' not in page
    assert client.post(f"{address}change/", {"actor": "p-x"}).status_code == 403
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
