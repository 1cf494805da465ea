"""Pages of labels: the count, the sheet that is shown once, destroying and counting."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.batches import making
from tests.batches.conftest import Desk, actor, into_force, open_accounts, open_batch
from tests.batches.test_label_commands import CONTENT
from tests.personnel import vault_people

ANA = [vault_people.ANA["family_name"], vault_people.ANA["hospital_number"]]


@pytest.fixture
def desk(database: Any) -> Desk:
    """A batch whose recipe declares labels, and people who sign on pages."""
    from batches.recipe_json import to_json
    from tests.batches.conftest import train_everybody

    open_accounts()
    made = Desk()
    for name in ("helena", "dario", "marta", "ingrid", "pavel"):
        made.enrol(name, by="dario" if name == "helena" else "helena")
    into_force(to_json(CONTENT), made.as_signed)
    train_everybody()
    open_batch()
    return made


def typed(**given: str) -> dict[str, str]:
    from ledger import clock

    expires = (clock.now() + timedelta(days=300)).strftime("%Y-%m-%dT%H:%M")
    return {
        "kind": "bag",
        "count": "2",
        "route": "intravenous infusion",
        "expires": expires,
        "zone": "Europe/Madrid",
    } | given


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_coi_7_a_sheet_is_shown_once_with_the_two_identifiers(desk: Desk) -> None:
    """Given a patient's batch, when Marta prints two labels of a container, then the answer has
    two labels with both identifiers, the words for autologous use, batch, expiry with zone, route
    and a symbol each; who saw them is on the trail; and no other page has any of it.
    """
    from personnel.models import SubjectLook

    sheet = desk.post("marta", "labels/print/", **typed())
    assert sheet.status_code == 200
    page, said = sheet.content.decode(), words(sheet)
    assert page.count('class="symbol"') == 2
    for text in (*ANA, "For autologous use only", making.BATCH, "intravenous infusion"):
        assert said.count(text) >= 2, text
    assert "Europe/Madrid" in said and "(UTC+0" in said
    assert "CT-0421-1-001" in said and "CT-0421-1-002" in said
    assert "P1C" not in page  # the patient code is in drawings alone
    assert "no-store" in sheet["Cache-Control"]
    (look,) = SubjectLook.objects.filter(purpose="labelling")
    assert look.person == actor("marta").person
    for address in ("labels/", "labels/print/", "labels/destroy/", "labels/reconcile/"):
        seen = desk.page("marta", address)
        assert not any(text in seen for text in ANA), address


def test_coi_7_a_sheet_sent_twice_is_printed_once(desk: Desk) -> None:
    """Given a sheet, when the form is sent again as the browser kept it, then nothing is numbered
    and nobody is shown again.
    """
    from batches.label_models import LabelJobLine

    command_id = "7f0c8a52-0c52-4f37-9d11-5f3c2b8d9f10"
    assert desk.post("marta", "labels/print/", **typed(command_id=command_id)).status_code == 200
    again = desk.post("marta", "labels/print/", **typed(command_id=command_id))
    assert again.status_code == 422 and not any(text in words(again) for text in ANA)
    assert LabelJobLine.objects.count() == 1


def test_coi_7_a_samples_sheet_sent_twice_is_shown_once(desk: Desk) -> None:
    """Given labels that open no vault, when the form is sent again, then no second sheet comes."""
    sample = {"kind": "vial", "count": "1", "zone": "UTC"}
    sample["command_id"] = "7f0c8a52-0c52-4f37-9d11-5f3c2b8d9f11"
    assert desk.post("marta", "labels/print/", **sample).status_code == 200
    again = desk.post("marta", "labels/print/", **sample)
    assert again.status_code == 302 and again["Location"].endswith("/labels/")


def test_coi_7_labels_come_as_pdf_for_a_label_printer(desk: Desk) -> None:
    """Given the same form, when a PDF is asked for, then each label has a page of its own, as
    large as a label printer's; the browser does not keep the file.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    answer = desk.post("marta", "labels/print/", **typed(**{"as": "pdf"}))
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    made = PdfFileReader(io.BytesIO(answer.content)).root["/Pages"]
    assert made["/Count"] == 2
    sides = [round(float(side) / 72 * 25.4) for side in list(made["/Kids"][0]["/MediaBox"])[2:]]
    assert sides == [100, 62]
    assert "CT-0421-1-002" in desk.page("marta", "labels/")


def test_what_is_typed_survives_a_refusal_which_stands_at_its_field(desk: Desk) -> None:
    from batches.label_models import LabelJobLine

    refused = desk.post("marta", "labels/print/", **typed(gtin="09506000134351"))
    page = refused.content.decode()
    assert refused.status_code == 422 and 'value="09506000134351"' in page
    assert "check digit" in page and not any(text in page for text in ANA)
    assert LabelJobLine.objects.count() == 0


def test_a_samples_label_has_no_identifiers_and_opens_no_vault(desk: Desk) -> None:
    from personnel.models import SubjectLook

    sheet = desk.post("marta", "labels/print/", kind="vial", count="1", zone="UTC")
    assert sheet.status_code == 200 and "Sample vial" in words(sheet)
    assert not any(text in words(sheet) for text in ANA)
    assert "autologous" not in words(sheet)
    assert not SubjectLook.objects.exists()


def test_coi_7_labels_are_destroyed_retained_and_counted_on_pages(desk: Desk) -> None:
    """Given three labels, when one is scanned to be destroyed and two are ticked to be retained,
    then Dario, who printed none, signs the count; before that it is refused.
    """
    from batches import codes

    desk.post("marta", "labels/print/", **typed(count="3"))
    early = desk.post("dario", "labels/reconcile/", sign=True)
    assert early.status_code == 422 and "not accounted for" in words(early)
    scan = codes.own_code(codes.LABEL, "CT-0421-1-002")
    no = desk.post("marta", "labels/destroy/", scanned=scan, reason="")
    assert no.status_code == 422 and f'value="{scan}"' in no.content.decode()
    done = desk.post("marta", "labels/destroy/", scanned=scan, reason="It was torn")
    assert done.status_code == 302
    kept = desk.at("marta").post(
        f"/batches/{making.BATCH}/labels/retain/",
        {"ticked": ["CT-0421-1-001", "CT-0421-1-003"]},
    )
    assert kept.status_code == 302
    assert "Every label is accounted for" in desk.page("marta", "labels/")
    counted = desk.post("dario", "labels/reconcile/", sign=True)
    assert counted.status_code == 302
    page = desk.page("helena", "labels/")
    assert "Reconciled" in page and "It was torn" in page


def test_a_label_that_is_none_is_told_at_the_scan_box(desk: Desk) -> None:
    desk.post("marta", "labels/print/", **typed())
    refused = desk.post("marta", "labels/destroy/", scanned="CT-0500-1-001", reason="It was torn")
    assert refused.status_code == 422 and "Scan the label again" in words(refused)


def test_a_roll_for_stock_is_printed_and_listed(desk: Desk) -> None:
    client = desk.at("marta")
    sheet = client.post(
        "/batches/labels/", {"roll": "roll-7", "title": "Tubes for samples", "count": "2"}
    )
    assert sheet.status_code == 200 and "ROLL-7-1-002" in words(sheet)
    assert "ROLL-7" in words(client.get("/batches/labels/"))
    assert "Tubes for samples" in words(client.get("/batches/ROLL-7/labels/"))
    assert client.get("/batches/ROLL-8/labels/").status_code == 404
    assert client.get("/batches/ROLL-7/labels/print/").status_code == 404


def test_r21_an_engineering_batch_says_that_nobody_is_given_it(desk: Desk) -> None:
    from tests.batches.test_label_commands import second_batch

    second_batch()
    sheet = desk.at("marta").post("/batches/CT-0500/labels/print/", typed())
    assert sheet.status_code == 200
    said = words(sheet)
    assert "Not for human use" in said and "Engineering run" in said
    assert "autologous" not in said and not any(text in said for text in ANA)


@pytest.mark.parametrize("name", ["ingrid", "emeka"])
def test_who_may_not_print_reads_who_may(desk: Desk, name: str) -> None:
    assert "An operator or a supervisor prints" in desk.page(name, "labels/print/")
    refused = desk.post(name, "labels/print/", **typed())
    assert refused.status_code == 422
    assert not any(text in words(refused) for text in ANA)


def test_the_pages_of_labels_owe_what_every_page_owes(desk: Desk) -> None:
    """Given labels in every state, then each page has its names, labels and headings in order."""
    from tests.pages.document import faults

    desk.post("marta", "labels/print/", **typed(count="3"))
    desk.post("marta", "labels/destroy/", scanned="CT-0421-1-001", reason="It was torn")
    for address in ("", "print/?kind=vial", "destroy/", "retain/", "reconcile/"):
        assert faults(desk.page("dario", f"labels/{address}")) == [], address
    sheet = desk.post("marta", "labels/print/", kind="vial", count="1", zone="UTC")
    assert faults(sheet.content.decode()) == []
    assert faults(desk.at("marta").get("/batches/labels/").content.decode()) == []
