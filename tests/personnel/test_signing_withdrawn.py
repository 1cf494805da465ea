"""R6: a genuine signature by a key that no longer stood, written by somebody inside the server.

Marta's key was open in the server's memory when it was withdrawn; a tampered server goes on signing
with it and seals that. Page, export, live and stand-alone verification find it.
"""

import csv
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from ledger import clock, ids, signature, store
from ledger.audit import audit
from ledger.codec import CommandRef
from ledger.event import Recorded
from ledger.export import Filter, export_bundle
from ledger.models import Event
from ledger.ports import SignatureValue
from personnel import signing_commands
from tests.personnel import signed_page, signers
from tests.personnel.signing_bench import Bench


def signed_behind_the_rules(bench: Bench, events: list[Recorded], opened: Any) -> Recorded:
    """What no command would write: the statement is right, the mathematics hold."""
    stated = signature.statement(
        events,
        meaning="verified",
        printed_name="Marta",
        role="operator",
        signed_at=timezone.localtime(clock.now()),
        zone="Europe/Madrid",
        key=opened.key,
    )
    value = SignatureValue("ed25519", opened.sign(signature.statement_bytes(stated)))
    change = store.Change("signature", str(ids.new_id()), 0, [signature.applied(stated, value)])
    ref = CommandRef(ids.new_id(), "test.rogue", b"\5" * 32)
    return store.append(command=ref, actor=bench.acting(), changes=[change]).events[0]


@pytest.fixture
def rogue(bench: Bench) -> tuple[Recorded, Recorded]:
    """An entry that Marta signed in time, and the signature that was made after the withdrawal."""
    given = signers.signature(bench.marta)
    ask = signed_page._asked[signed_page.NAME]
    made = ask(text="Rotor wiped.", actor=bench.acting(), signature=given)
    entry = next(one for one in made.events if one.stream_type == "equipment")
    bench.clock.advance(minutes=1)
    signing_commands.withdraw_key(
        person=bench.marta.person, reason="Badge found outside", actor=signers.actor(bench.renata)
    )
    bench.clock.advance(minutes=1)
    return entry, signed_behind_the_rules(bench, [entry], given.opened)


def test_r6_a_signature_after_its_keys_withdrawal_is_found_in_every_place(
    bench: Bench, rogue: tuple[Recorded, Recorded], seal: Any, tmp_path: Path
) -> None:
    entry, signed = rogue
    seal()
    bench.client.force_login(bench.helena)
    page = bench.client.get(f"/entries/{entry.id}/").content.decode()
    assert page.count(">signature holds<") == 1, "the one in time"
    assert page.count(">signature broken<") == 1
    assert "Its key did not stand when it was made." in page
    bundle = tmp_path / "bundle.zip"
    export_bundle(bundle, Filter(stream_type="signature"))
    with zipfile.ZipFile(bundle) as archive:
        table = archive.read("trail.csv").decode("utf-8-sig")
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
    rows = {row["event_id"]: row for row in csv.DictReader(table.splitlines())}
    told = rows[str(signed.id)]
    assert told["signatures"].startswith("broken: It is signed with the key k-")
    assert sorted(row["signatures"] == "holds" for row in rows.values()) == [False, True]
    command = [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), str(bundle), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env={})
    said = json.loads(done.stdout)
    assert (done.returncode, said["first_bad_position"]) == (1, int(told["position"]))
    assert "withdrawn before at" in said["what"]
    findings = [(one.position, one.sentence) for one in audit(without_outside=True).findings]
    assert [at for at, sentence in findings if "withdrawn before" in sentence] == [
        int(told["position"])
    ]


def test_r6_what_was_signed_before_the_withdrawal_stays_good(
    bench: Bench, seal: Any, tmp_path: Path
) -> None:
    bench.begin()
    signing_commands.withdraw_key(
        person=bench.marta.person, reason="Badge found outside", actor=signers.actor(bench.renata)
    )
    seal()
    export_bundle(tmp_path / "bundle.zip", Filter())
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        table = archive.read("trail.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(table.splitlines()))
    assert sum(row["signatures"] == "holds" for row in rows) == 2
    assert not any("broken" in row["signatures"] for row in rows)
    assert audit(without_outside=True).verified
    assert Event.objects.filter(type="personnel.signing_key_withdrawn").count() == 1
