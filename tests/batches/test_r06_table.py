"""R6: every way to falsify a signature, on every place where it is read, as one table.

The attacker owns the database and strikes before the seal, so nothing but the signature can tell.
The places: the page of the entry, the batch's record, its print, the export's table, and the
stand-alone verifier in a process of its own.
"""

import csv
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from batches.recipe_json import to_json
from ledger import body, store
from ledger.event import Recorded
from ledger.export import Filter, export_bundle
from ledger.models import Event
from tests.batches import making
from tests.batches.conftest import (
    Desk,
    actor,
    into_force,
    open_accounts,
    open_batch,
    train_everybody,
)
from tests.ledger.attacks.attacker import Attacker
from tests.pages.document import Document
from tests.personnel import signers

Change = Callable[[dict[str, Any], Recorded], None]


def move(data: dict[str, Any], other: Recorded) -> None:
    """Marta signed step 1; say that she signed the step that somebody else performed."""
    data["signed"] = [{"event": str(other.id), "body_sha256": sha256(other.body).hexdigest()}]


def say(**fields: str) -> Change:
    return lambda data, _other: data.update(fields)


SIGNATURE, CONTENT = "ledger.signature_applied", "batches.step_completed"
WRONG, OTHER = "signature of the person is wrong", "names another body of its event"
# how it is falsified: (which entry, the change, what the verifier says)
TABLE: dict[str, tuple[str, Change, str]] = {
    "moved to another entry": (SIGNATURE, move, WRONG),
    "another meaning": (SIGNATURE, say(meaning="approved"), WRONG),
    "another printed name": (SIGNATURE, say(printed_name="Dario Printed"), WRONG),
    "another role": (SIGNATURE, say(role="supervisor"), WRONG),
    "another time": (SIGNATURE, say(signed_at="2026-03-01T08:00:00.000000+01:00"), WRONG),
    "another zone": (SIGNATURE, say(zone="America/New_York"), WRONG),
    "another signer": (SIGNATURE, say(signer=making.INGRID), "signed with the key of"),
    "another content": (CONTENT, say(title="Cleared twice"), OTHER),
}


@pytest.fixture
def floor(database: Any) -> Desk:
    """An approved recipe and an open batch; everybody signs with a key of their own."""
    open_accounts()
    made = Desk()
    for name, by in (("helena", "dario"), ("dario", "helena"), ("marta", "helena"),
                     ("ingrid", "helena"), ("pavel", "helena")):  # fmt: skip
        made.enrol(name, by=by)

    def as_signed(name: str) -> dict[str, Any]:
        return {"actor": actor(name), "signature": signers.signature(made.account(name))}

    into_force(to_json(making.content(making.PARTS)), as_signed)
    train_everybody()
    open_batch()
    return made


@pytest.fixture
def signed(floor: Any) -> Any:
    """Marta performed the first step, and Ingrid verified it: two signatures, two entries."""
    assert floor.perform("marta", 1).status_code == 302
    assert floor.verify("ingrid", 1).status_code == 302
    return floor


def entries(kind: str) -> list[Recorded]:
    rows = Event.objects.filter(type=kind).order_by("recorded_at", "id")
    return [store.event(row.pk) for row in rows]  # type: ignore[misc]


def falsify(database: Any, how: str) -> tuple[Recorded, Recorded]:
    """The signature over step 1, after the database's owner was there, and the entry it is over."""
    kind, change, _said = TABLE[how]
    (completed,), (verified,) = entries(CONTENT), entries("batches.step_verified")
    signature = next(
        one for one in entries(SIGNATURE) if one.data.signed[0]["event"] == str(completed.id)
    )
    target = signature if kind == SIGNATURE else completed
    whole = json.loads(target.body)
    change(whole["data"], verified)
    attacker = Attacker(database)
    with attacker.guards_down():
        attacker.change("ledger_event", {"id": attacker.id(target.id)}, body=body.encode(whole))
    over = completed
    if how.startswith("moved"):
        link = {"source": attacker.id(signature.id)}
        attacker.change("ledger_trail_link", link, target=attacker.id(verified.id))
        over = verified
    attacker.close()
    return signature, over


def on_the_page_of(floor: Any, entry: Recorded) -> str:
    response = floor.at("helena").get(f"/entries/{entry.id}/")
    assert response.status_code == 200
    return str(response.content.decode())


def printed(page: str) -> str:
    """What paper keeps of a page: nothing that the print leaves out."""
    blocks = [
        one
        for one in Document(page).root.every("li")
        if "signature" in one.attrs.get("class", "").split()
    ]
    return " ".join(block.text for block in blocks)


def rows_of(bundle: Path) -> dict[str, dict[str, str]]:
    """The lines of the export's table, by event."""
    with zipfile.ZipFile(bundle) as archive:
        table = csv.DictReader(archive.read("trail.csv").decode("utf-8-sig").splitlines())
        return {row["event_id"]: row for row in table}


def offline(bundle: Path) -> "subprocess.CompletedProcess[str]":
    """The bundle's own verifier: alone, without Django, without the site's packages."""
    with zipfile.ZipFile(bundle) as archive:
        (bundle.parent / "verify.py").write_bytes(archive.read("verify.py"))
    command = [sys.executable, "-I", "-S", str(bundle.parent / "verify.py"), str(bundle)]
    return subprocess.run(command, capture_output=True, text=True, env={}, cwd=bundle.parent)


@pytest.mark.tampers
@pytest.mark.parametrize("how", TABLE)
def test_r6_a_falsified_signature_fails_in_every_place(
    database: Any, signed: Any, seal: Any, tmp_path: Path, how: str
) -> None:
    """Given two good signatures, when one is falsified, then every place says that it is broken,
    the verifier with its position, and that the other one holds."""
    signature, over = falsify(database, how)
    seal()
    for entry in (over, signature):
        assert "signature broken" in on_the_page_of(signed, entry)
    for address in ("", "print/"):
        shown = printed(signed.page("helena", address))
        # An entry whose signature was moved away says as well that it bears none.
        bare = how == "moved to another entry"
        assert shown.count("none stands over it") == bare, address
        assert shown.count("signature broken") == 1 + bare, address
        assert shown.count("signature holds") == 1, address
    bundle = tmp_path / "bundle.zip"
    export_bundle(bundle, Filter())
    rows = rows_of(bundle)
    assert rows[str(signature.id)]["signatures"].startswith("broken: ")
    assert ": broken: " in rows[str(over.id)]["signatures"]
    assert sum(row["signatures"] == "holds" for row in rows.values()) == 4, "recipe and Ingrid"
    done = offline(bundle)
    assert done.returncode == 1, done.stdout
    position = rows[str(signature.id)]["position"]
    assert f"First bad position: {position}." in done.stdout
    assert TABLE[how][2] in done.stdout


def test_r6_an_untouched_signature_holds_in_every_place(
    signed: Any, seal: Any, tmp_path: Path
) -> None:
    """Given two good signatures, then every place says so: the table can fail."""
    (completed,) = entries(CONTENT)
    seal()
    assert "signature holds" in on_the_page_of(signed, completed)
    for address in ("", "print/"):
        shown = printed(signed.page("helena", address))
        assert (shown.count("signature holds"), shown.count("broken")) == (2, 0)
    bundle = tmp_path / "bundle.zip"
    export_bundle(bundle, Filter())
    done = offline(bundle)
    assert done.returncode == 0, done.stdout
    assert "5 signatures of people hold" in done.stdout
    row = rows_of(bundle)[str(completed.id)]
    assert row["signatures"] == f"signed at {int(row['position']) + 1}: holds"


def test_r6_a_superseded_signature_is_so_in_every_place(
    signed: Any, seal: Any, tmp_path: Path
) -> None:
    """Given a signed and verified step, when its value is corrected, then page, print, table and
    verifier say that the two signatures are superseded, and where; the correction's holds."""
    assert signed.perform("marta", 2, bath="37.0").status_code == 302
    assert signed.verify("ingrid", 2).status_code == 302
    sent = {"typed": "37.3", "reason": "Read the printout"}
    assert signed.post("marta", "steps/2/bath/correct/", sign=True, **sent).status_code == 302
    seal()
    for address in ("", "print/"):
        assert printed(signed.page("helena", address)).count("superseded") == 2, address
    bundle = tmp_path / "bundle.zip"
    export_bundle(bundle, Filter(stream_type="batch"))
    rows = rows_of(bundle)
    (corrected,) = (row for row in rows.values() if row["type"] == "batches.value_corrected")
    later = f"superseded by {corrected['position']}"
    changed = [row["type"] for row in rows.values() if row["signatures"].endswith(later)]
    kinds = ("step_completed", "step_verified", "value_entered")
    assert sorted(changed) == [f"batches.{kind}" for kind in kinds]
    assert corrected["signatures"].endswith("holds")
    done = offline(bundle)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(f": {later}\n") == 2
    told = [one.data for one in entries("ledger.signature_superseded")]
    assert {one.by for one in told} == {corrected["event_id"]}


def test_r6_the_table_of_the_export_cannot_hide_what_was_superseded(
    signed: Any, seal: Any, tmp_path: Path
) -> None:
    """Given an export, when somebody writes `holds` beside a superseded signature and hashes the
    files anew, then the verifier says where the table lies."""
    assert signed.perform("marta", 2, bath="37.0").status_code == 302
    sent = {"typed": "37.3", "reason": "Read the printout"}
    assert signed.post("marta", "steps/2/bath/correct/", sign=True, **sent).status_code == 302
    seal()
    bundle, forged = tmp_path / "bundle.zip", tmp_path / "forged.zip"
    export_bundle(bundle, Filter())
    lying = next(
        row for row in rows_of(bundle).values() if row["signatures"].startswith("superseded")
    )
    with zipfile.ZipFile(bundle) as archive, zipfile.ZipFile(forged, "w") as out:
        files = {name: archive.read(name) for name in archive.namelist()}
        table = files["trail.csv"].decode("utf-8-sig").split("\r\n")
        at = next(i for i, line in enumerate(table) if line.startswith(lying["position"] + ","))
        table[at] = table[at].replace(lying["signatures"], "holds", 1)
        files["trail.csv"] = ("\ufeff" + "\r\n".join(table)).encode()
        manifest = json.loads(files.pop("manifest.json"))
        manifest["files"]["trail.csv"] = sha256(files["trail.csv"]).hexdigest()
        for name, content in (files | {"manifest.json": json.dumps(manifest).encode()}).items():
            out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    done = offline(forged)
    assert done.returncode == 1, done.stdout
    assert f"First bad position: {lying['position']}. trail.csv says something else" in done.stdout
