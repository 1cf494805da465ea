"""The trail's page: R4 who, what, when, why; R19 found by any of them; R3 refusals stand there."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ledger import queries
from tests.pages.document import Document, faults

TRAIL = "/trail/"


def text(response: Any) -> str:
    return response.content.decode()


def rows(response: Any) -> list[str]:
    """The lines of the timeline, each as it is read aloud."""
    root = Document(text(response)).root
    found = [row for row in root.every("tr") if any("data-row" in a.attrs for a in row.every("a"))]
    return [re.sub(r"\s+", " ", row.text) for row in found]


def test_r4_a_line_says_who_in_which_role_what_when_and_why(history, as_role):
    page = as_role("inspector").get(TRAIL, {"type": "equipment.logbook_entry_corrected"})
    (row,) = rows(page)
    for said in ("Ada Lovel", "operator", "p-aaaa2", "UTC", "Misread the display", "CF-02", "v3"):
        assert said in row
    assert re.search(r"\d\d:\d\d CET|\d\d:\d\d CEST", row), "the site's own zone stands beneath"
    assert "<del>Spun &lt;b&gt;300 g&lt;/b&gt;</del>" in text(page), "old, struck and escaped"
    assert "<ins>Spun 400 g</ins>" in text(page)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"person": "p-aaaa2"}, 3),
        ({"person": "ada lovel"}, 3),
        ({"role": "supervisor"}, 2),
        ({"stream": "CF-02"}, 4),
        ({"stream": "equipment/CF-02", "role": "operator"}, 2),
        ({"stream_type": "equipment", "type": "equipment.moved"}, 1),
        ({"q": "calibration"}, 1),
        ({"q": "Overdue CALIBRATION", "person": "p-bbbb3"}, 1),
        ({"q": "calib"}, 0),
        ({"quick": "refusals"}, 1),
        ({"quick": "corrections"}, 1),
        ({"quick": "administrators"}, 12),
        ({"quick": "administrators", "role": "operator"}, 0),
        ({"quick": "signatures"}, 0),
        ({"person": "p-nobody"}, 0),
    ],
)
def test_r19_the_trail_is_filtered_by_any_field_and_their_combination(
    history, as_role, asked, found
):
    response = as_role("inspector").get(TRAIL, asked)
    assert response.status_code == 200
    assert len(rows(response)) == found
    if not found:
        assert "No entry matches all of this" in text(response)


def test_r19_the_trail_is_searched_on_both_databases(history_on_both, as_role):
    client = as_role("inspector")
    asked = {"q": "calibration", "stream_type": "equipment", "sort": "oldest"}
    assert len(rows(client.get(TRAIL, asked))) == 1
    assert len(rows(client.get(TRAIL, {"role": "operator"}))) == 3
    assert client.get(f"/entries/{history_on_both['moved'].id}/").status_code == 200
    assert client.get("/ledger/").status_code == 200


def test_r3_a_refused_attempt_stands_there_with_the_sentence_they_got(history, as_role):
    (row,) = rows(as_role("inspector").get(TRAIL, {"quick": "refusals"}))
    assert "Refused: make an entry for CF-77. CF-77 is not in the register." in row


def test_r19_as_it_was_on_a_moment(history, as_role):
    """Given a moment between two events, then only what had been recorded by then is shown."""
    client = as_role("inspector")
    before = timezone.localtime(history["registered"].recorded_at) - timedelta(days=1)
    page = client.get(TRAIL, {"at": f"{before:%Y-%m-%dT%H:%M:%S}"})
    assert rows(page) == []
    now = timezone.localtime(history["moved"].recorded_at) + timedelta(seconds=1)
    page = client.get(TRAIL, {"at": f"{now:%Y-%m-%dT%H:%M:%S}", "stream": "CF-02"})
    assert len(rows(page)) == 4
    assert "as it was on" in text(page)


def test_each_active_filter_can_be_taken_away(history, as_role):
    page = as_role("inspector").get(TRAIL, {"person": "p-aaaa2", "role": "operator"})
    chips = [a for a in Document(text(page)).root.every("a") if a.attrs.get("class") == "chip"]
    assert all("remove this filter" in chip.text for chip in chips)
    assert ["Ada Lovel" in chip.text for chip in chips] == [True, False]
    assert [chip.attrs["href"] for chip in chips] == [
        "/trail/?role=operator",
        "/trail/?person=p-aaaa2",
    ]


def test_empty_fields_do_not_stay_in_the_address(history, as_role):
    response = as_role("inspector").get(TRAIL, {"q": "", "role": "operator", "person": ""})
    assert (response.status_code, response.url) == (302, "/trail/?role=operator")


@pytest.mark.parametrize(
    ("asked", "sentence", "kept"),
    [
        ({"since": "yesterday"}, "Write a date and a time", 'value="yesterday"'),
        (
            {"since": "2026-03-02T10:00", "until": "2026-03-01T10:00"},
            "This is not after the beginning",
            'value="2026-03-01T10:00"',
        ),
        ({"q": "?!"}, "at least one word", 'value="?!"'),
        ({"at": "0001-01-01T00:00"}, "between 1971 and 9989", "0001"),
        ({"person": "a\0b"}, "Null characters are not allowed", "a"),
    ],
)
def test_what_cannot_be_read_is_told_beside_its_field_and_kept(
    history, as_role, asked, sentence, kept
):
    response = as_role("inspector").get(TRAIL, asked)
    assert response.status_code == 422
    assert sentence in text(response)
    assert kept in text(response)
    assert not faults(text(response))


@pytest.mark.parametrize(
    "place", ["x", "2026-03-02T10:00:00Z_x", "2026-03-02T10:00:00_" + "0" * 32]
)
def test_a_broken_address_is_a_400_page(history, as_role, place):
    response = as_role("inspector").get(TRAIL, {"after": place})
    assert response.status_code == 400
    assert "This address cannot be read" in text(response)


def test_pages_go_on_and_back_by_their_links(history, as_role, monkeypatch):
    monkeypatch.setattr(queries, "ROWS", 3)
    client, seen, address = as_role("inspector"), [], TRAIL
    while address:
        root = Document(text(client.get(address))).root
        shown = [a.attrs["href"] for a in root.every("a") if "data-row" in a.attrs]
        seen += shown
        following = [a.attrs["href"] for a in root.every("a") if a.attrs.get("rel") == "next"]
        address = following[0] if following else ""
    everything = queries.count_facets(queries.TrailFilter()).counted
    assert len(seen) == len(set(seen)) == everything
    (back,) = [a.attrs["href"] for a in root.every("a") if a.attrs.get("rel") == "prev"]
    assert "before=" in back


def test_facets_lead_on_with_their_counts(history, as_role):
    page = as_role("inspector").get(TRAIL, {"stream": "CF-02"})
    links = {a.attrs["href"]: a.text for a in Document(text(page)).root.every("a")}
    assert "2" in links["/trail/?stream=CF-02&role=operator"]
    assert "Ada Lovel" in links["/trail/?stream=CF-02&person=p-aaaa2"]


def test_a_line_says_whether_it_is_sealed(history, as_role, seal):
    client = as_role("inspector")
    assert "not sealed yet" in text(client.get(TRAIL, {"stream": "CF-02"}))
    seal()
    page = text(client.get(TRAIL, {"stream": "CF-02"}))
    assert "not sealed yet" not in page
    assert "Sealed: under a signed checkpoint" in page


def test_the_export_takes_over_what_it_can_prove(history, as_role):
    page = text(as_role("inspector").get(TRAIL, {"stream": "CF-02", "q": "calibration"}))
    assert "/trail/export/?stream_id=CF-02" in page


def test_nobody_looks_without_signing_in(history, client):
    for address in (TRAIL, "/", "/ledger/", "/streams/equipment/CF-02/", "/trail/export/"):
        response = client.get(address)
        assert response.status_code == 302
        assert response.url.startswith("/sign-in/")


def test_a_role_is_called_as_people_call_it(history, as_role):
    """Given a Qualified Person and a QA reviewer, then nobody reads their roles' inner names."""
    from ledger import ports

    assert ports.role_name("qualified_person") == "Qualified Person"
    page = as_role("inspector").get("/trail/").content.decode()
    assert "as system administrator." in page
    assert "system_administrator" not in page.split("<tbody")[1]


def test_r4_a_sentence_calls_people_by_their_names(history, as_role):
    """Given events about somebody, then the trail says who, and the entry keeps the pseudonym."""
    page = as_role("inspector").get(TRAIL, {"type": "personnel.role_granted", "sort": "oldest"})
    said = rows(page)
    assert any("Ada Lovel was given the role operator." in row for row in said)
    assert not any("p-aaaa2 was given" in row for row in said)


def test_r19_a_record_is_called_by_its_number_and_a_session_by_its_kind(history, as_role):
    """Given a refusal, whose record has a random number, then the number stays out of the way."""
    page = as_role("inspector").get(TRAIL, {"quick": "refusals"})
    (row,) = rows(page)
    assert "refusal" in row
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]", row)


def test_r19_the_trail_leads_to_users_and_rights_on_the_same_date(history, as_role):
    client = as_role("inspector")
    page = client.get(TRAIL, {"at": "2026-03-04T12:00"})
    root = Document(text(page)).root
    (link,) = [a for a in root.every("a") if a.text == "Users and rights on a date"]
    assert link.attrs["href"] == "/people/?on=2026-03-04T12%3A00"
    assert client.get(link.attrs["href"]).status_code == 200
