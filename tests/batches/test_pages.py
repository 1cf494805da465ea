"""Lists, record, recipes, exceptions and holds, as those use them who oversee the work."""

from typing import Any

import pytest
from django.test import Client

from batches.models import BatchLine, ExceptionLine, RecipeLine
from ledger.models import Event
from tests.batches.conftest import open_accounts
from tests.batches.making import BATCH
from tests.batches.test_step_pages import WHY, signed_up_to, text_of
from tests.pages.document import faults
from tests.personnel import signers

RECIPE = "/batches/recipes/MBR-019/1/"


def refusals() -> int:
    return Event.objects.filter(type="ledger.refused").count()


@pytest.fixture
def empty(sqlite_database: Any) -> None:
    open_accounts()


def browser(name: str) -> Client:
    from personnel.models import Account

    client = Client()
    client.force_login(Account.objects.get(username=name))
    return client


def test_an_empty_list_says_how_it_fills(empty):
    page = text_of(browser("dario").get("/batches/"))
    assert "No batch has been opened yet" in page
    assert "First a recipe" in page
    assert "There is no recipe yet" in text_of(browser("dario").get("/batches/recipes/"))
    assert "Nothing waits" in text_of(browser("helena").get("/batches/exceptions/"))
    assert "No recipe is approved yet" in text_of(browser("dario").get("/batches/open/"))


def test_r14_a_recipe_goes_from_draft_to_approval_to_a_batch_on_pages(empty):
    from personnel.models import Account

    people = {row.username: row for row in Account.objects.all()}
    for name, by in (("helena", "dario"), ("pavel", "helena"), ("dario", "helena")):
        signers.enrol(people[name], by=people[by])
    pavel, helena = browser("pavel"), browser("helena")
    assert "Begin a record" in text_of(pavel.get("/batches/recipes/"))
    assert "Autologous CD19 CAR-T" in text_of(pavel.get("/batches/recipes/draft/"))
    response = pavel.post("/batches/recipes/draft/", {"source": "shipped:MBR-019"})
    assert response.url == RECIPE
    assert "Time to the last ice" in text_of(pavel.get(RECIPE))
    pavel.post(f"{RECIPE}submit/", signers.fields(people["pavel"]))
    page = text_of(pavel.get(RECIPE))
    assert "It waits for its review" in page
    assert "Reviewed: sign" not in page, "no author reviews"
    browser("dario").post(f"{RECIPE}review/", signers.fields(people["dario"]))
    page = text_of(browser("dario").get("/batches/open/"))
    assert "No recipe is approved yet" in page, "reviewed is not approved"
    assert "No order waits for a batch" in page, "and what to do before there is one"
    wrong = signers.fields(people["helena"], secret="wrong secret here")
    response = helena.post(f"{RECIPE}approve/", wrong)
    assert response.status_code == 422
    helena.post(f"{RECIPE}approve/", signers.fields(people["helena"]))
    row = RecipeLine.objects.get()
    assert row.approved_by == people["helena"].person
    assert row.effective_from <= row.approved_at, "at once"
    dario = browser("dario")
    typed = {"batch": "ct 1", "recipe": "MBR-019.1", "purpose": "patient"}
    response = dario.post("/batches/open/", typed)
    assert response.status_code == 422
    assert 'value="ct 1"' in text_of(response)
    assert "as CT-0421" in text_of(response)
    typed["batch"] = "CT-0500"
    response = dario.post("/batches/open/", typed)
    assert response.status_code == 422
    assert "A batch for a patient is made for an order" in text_of(response)
    typed["purpose"] = "engineering"
    response = dario.post("/batches/open/", typed)
    assert response.url == "/batches/CT-0500/"
    assert BatchLine.objects.get(batch="CT-0500").steps == 12


def test_the_list_says_who_is_waited_for_and_finds(desk):
    page = text_of(desk.at("marta").get("/batches/"))
    assert BATCH in page
    assert "waits for the operator" in page
    assert "Go to the step" in page
    assert "Look at the step" in text_of(desk.at("helena").get("/batches/"))
    assert "No batch is like that" in text_of(desk.at("marta").get("/batches/?q=zebra"))
    assert BATCH not in text_of(desk.at("marta").get("/batches/?state=completed"))


def test_r15_quality_sees_what_departed_and_assesses_it_under_signature(desk):
    signed_up_to(desk, 2)
    desk.perform("marta", 2, bath="39.2")
    desk.perform("marta", 2, bath="37.1", reason=WHY)
    page = text_of(desk.at("helena").get("/batches/exceptions/"))
    assert "Critical" in page
    assert "Water bath 39.2 °C is outside the acceptance criterion" in page
    assert f"/batches/{BATCH}/exceptions/1/" in page
    page = desk.page("helena", "exceptions/1/")
    assert "<del>39.2 °C</del>" in page
    response = desk.post("helena", "exceptions/1/", sign=True, reason="ok")
    assert response.status_code == 422
    assert ">ok</textarea>" in text_of(response).replace("\n", "")
    desk.post("helena", "exceptions/1/", sign=True, reason="Probe was outside the bath")
    desk.post("helena", "exceptions/2/", sign=True, reason="Second reading is sound")
    assert "Nothing waits" in text_of(desk.at("helena").get("/batches/exceptions/"))
    page = text_of(desk.at("helena").get("/batches/exceptions/?all=1"))
    assert "Probe was outside the bath" in page
    assert "2 exceptions, 0 of them not assessed" in desk.page("helena")
    assert not ExceptionLine.objects.filter(assessed_at=None).exists()
    assert desk.at("helena").get(f"/batches/{BATCH}/exceptions/9/").status_code == 404


def test_a_hold_is_set_by_who_sees_something_and_lifted_by_who_answers(desk):
    desk.post("ingrid", "hold/", kind="process", reason="Alarm of the cabinet")
    assert "process hold" in desk.page("marta", "steps/1/")
    assert desk.perform("marta", 1).status_code == 422
    response = desk.post("ingrid", "hold/1/", reason="It is quiet again")
    assert response.status_code == 422
    assert "It is quiet again" in text_of(response)
    desk.post("dario", "hold/1/", reason="Filter exchanged, smoke test passed")
    page = desk.page("helena")
    assert "Alarm of the cabinet" in page
    assert "Filter exchanged" in page
    assert desk.perform("marta", 1).status_code == 302


POSTS = {
    "/batches/open/": {"batch": "CT-0999", "recipe": "MBR-019.1", "purpose": "training"},
    "/batches/recipes/draft/": {},
    f"{RECIPE}approve/": {},
    f"/batches/{BATCH}/hold/": {"kind": "process", "reason": "Because I may not"},
    f"/batches/{BATCH}/complete/": {},
    f"/batches/{BATCH}/steps/1/perform/": {"then": "sign"},
    f"/batches/{BATCH}/steps/2/perform/": {"then": "keep", "value_bath": "37"},
    f"/batches/{BATCH}/steps/1/scribe/": {"performed_by": "p-marta2"},
    f"/batches/{BATCH}/steps/1/verify/": {},
    f"/batches/{BATCH}/steps/1/countersign/": {},
    f"/batches/{BATCH}/steps/2/bath/go-on/": {"reason": "Because I may not"},
    f"/batches/{BATCH}/steps/2/bath/correct/": {"typed": "37", "reason": "Because I may not"},
}


@pytest.mark.parametrize("who", ["emeka", "renata"])
def test_r3_inspector_and_administrator_see_all_and_write_nothing(desk, who):
    client = desk.at(who)
    before = BatchLine.objects.values().get()
    for number, (address, values) in enumerate(POSTS.items(), start=1):
        response = client.post(address, values)
        assert response.status_code == 422, address
        assert "you may not do this" in text_of(response), address
        assert refusals() == number, address
    assert BatchLine.objects.values().get() == before
    for button in ("Record and sign", "Close the record", "Open a batch", "Approve and sign"):
        assert button not in desk.page(who) + desk.page(who, "steps/1/")


def test_r3_nobody_comes_in_without_signing_in(desk):
    for address in [*POSTS, "/batches/", "/batches/exceptions/", f"/batches/{BATCH}/print/"]:
        for ask in (Client().get, Client().post):
            response = ask(address)
            assert response.status_code in (302, 405), address
            assert response.status_code == 405 or response.url.startswith("/sign-in/"), address
    assert refusals() == 0


OWN = (
    "", "print/", "steps/1/", "steps/2/", "steps/3/", "hold/", "hold/1/", "complete/",
    "exceptions/1/", "steps/3/scribe/", "steps/2/bath/go-on/", "steps/2/bath/correct/",
)  # fmt: skip
GENERAL = (
    "/batches/", "/batches/open/", "/batches/exceptions/", "/batches/recipes/",
    "/batches/recipes/draft/", RECIPE,
)  # fmt: skip
PAGES = [*GENERAL, *(f"/batches/{BATCH}/{address}" for address in OWN)]


def test_every_page_can_be_read_by_everybody(desk):
    """Labels, headings, one main, names for every control: with values, exceptions and a hold."""
    signed_up_to(desk, 2)
    desk.perform("marta", 2, bath="38.4")
    desk.post("dario", "steps/2/bath/go-on/", reason=WHY)
    desk.perform("marta", 2, bath="38.4")
    desk.verify("ingrid", 2)
    desk.perform("marta", 3, bath="39.2", count="5")
    for who in ("marta", "ingrid", "dario", "helena", "emeka"):
        for address in PAGES:
            response = desk.at(who).get(address)
            assert response.status_code == 200, (who, address)
            assert faults(text_of(response)) == [], (who, address)
            assert "unsafe" not in response["Content-Security-Policy"]


def test_the_print_has_what_paper_must_have(desk):
    signed_up_to(desk, 4)
    page = desk.page("helena", "print/")
    row = RecipeLine.objects.get()
    for seen in (BATCH, row.content_sha256, "s-7Q2M9X4K", "As of", "Printed", "Marta Printed",
                 "Ingrid Printed", "Clear the line.", "37.0 °C"):  # fmt: skip
        assert seen in page, seen
    assert "Step card" not in page
