"""R6: a signature moved, or altered in meaning, name, time or content, shows as broken.

On the page, in the print (the same block, which print keeps) and in the stand-alone verifier. The
attacker owns the database and strikes before the seal, so nothing but the signature can tell.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from equipment.unit import LogbookEntryCorrected, LogbookEntryMade
from ledger import body, superseding
from ledger.event import Recorded
from ledger.export import Filter, export_bundle
from personnel import signing_commands, signing_standing
from tests.ledger.attacks.attacker import Attacker
from tests.pages.document import Document
from tests.personnel import signed_page, signers

Alter = Callable[[dict[str, Any], Recorded], None]


@pytest.fixture
def signed(open_account: Any) -> Any:
    """Marta signed an entry and left another unsigned: who, signed, signature, other."""
    from equipment import commands

    supervisor = open_account("supervisor", username="dario", printed_name="Dario C.")
    marta = open_account("operator", username="marta", printed_name="Marta S.")
    signers.enrol(marta, by=supervisor)
    with signed_page.declared() as ask:
        outcome = ask(  # type: ignore[operator]
            text="Rotor wiped.", actor=signers.actor(marta), signature=signers.signature(marta)
        )
    commands.register(
        unit="CF-02",
        label="Centrifuge",
        unit_class="centrifuge",
        location="Room 2",
        actor=signers.actor(supervisor),
    )
    other = commands.make_entry(unit="CF-02", text="Not mine.", actor=signers.actor(marta))
    return marta, outcome.events[0], outcome.events[1], other.events[0]


def move(data: dict[str, Any], other: Recorded) -> None:
    data["signed"][0] = {
        "event": str(other.id),
        "body_sha256": sha256(other.body).hexdigest(),
    }


ALTERED: dict[str, Alter] = {
    "moved to another record": move,
    "another meaning": lambda data, other: data.update(meaning="approved"),
    "another name": lambda data, other: data.update(printed_name="Dario C."),
    "another role": lambda data, other: data.update(role="supervisor"),
    "another time": lambda data, other: data.update(signed_at="2026-03-01T08:00:00.000000+01:00"),
}


def rewrite(database: Any, event: Recorded, change: Callable[[dict[str, Any]], None]) -> None:
    """The database's owner changes the body of an event, guards down for a moment."""
    attacker = Attacker(database)
    whole = json.loads(event.body)
    change(whole["data"])
    with attacker.guards_down():
        attacker.change("ledger_event", {"id": attacker.id(event.id)}, body=body.encode(whole))
    attacker.close()


def show(client: Client, account: Any, event_id: UUID) -> tuple[str, str]:
    """What a person sees of a record's signatures, on screen and printed."""
    client.force_login(account)
    response = client.get(f"/entries/{event_id}/")
    assert response.status_code == 200
    blocks = [
        one
        for one in Document(response.content.decode()).root.every("li")
        if "signature" in one.attrs.get("class", "").split()
    ]
    for block in blocks:
        hidden = [part for part in block.every("span") if "no-print" in part.attrs.get("class", "")]
        assert not hidden, "the print shows what the page shows"
    return response.content.decode(), " ".join(block.text for block in blocks)


def verified(folder: Path) -> "subprocess.CompletedProcess[str]":
    """The verifier of the bundle itself, alone with the bundle."""
    import zipfile

    bundle = folder / "bundle.zip"
    export_bundle(bundle, Filter())
    with zipfile.ZipFile(bundle) as archive:
        (folder / "verify.py").write_bytes(archive.read("verify.py"))
    return subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py"), str(bundle)],
        capture_output=True,
        text=True,
    )


def test_r6_an_untouched_signature_holds_everywhere(
    signed: Any, client: Client, seal: Any, tmp_path: Path
) -> None:
    """Given a signed entry, then page, print and verifier say that the signature holds."""
    marta, event, signature, other = signed
    seal()
    for shown in (event.id, signature.id):
        _page, block = show(client, marta, shown)
        for word in ("Marta S.", "operator", "performed", "signature holds", "CE"):
            assert word in block
    assert show(client, marta, other.id)[1] == ""
    done = verified(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 signatures of people hold" in done.stdout


@pytest.mark.tampers
@pytest.mark.parametrize("how", ALTERED)
def test_r6_an_altered_signature_is_broken_on_page_print_and_in_the_verifier(
    database: Any, signed: Any, client: Client, seal: Any, tmp_path: Path, how: str
) -> None:
    """Given a signature whose stored event was altered; then all three renderings say so."""
    marta, event, signature, other = signed
    rewrite(database, signature, lambda data: ALTERED[how](data, other))
    if how.startswith("moved"):
        attacker = Attacker(database)
        link = {"source": attacker.id(signature.id)}
        attacker.change("ledger_trail_link", link, target=attacker.id(other.id))
        attacker.close()
    seal()
    for shown in (other.id if how.startswith("moved") else event.id, signature.id):
        _page, block = show(client, marta, shown)
        assert "signature broken" in block
        assert "signature holds" not in block
    done = verified(tmp_path)
    assert done.returncode == 1, done.stdout
    assert "signature of the person is wrong" in done.stdout


@pytest.mark.tampers
def test_r6_altered_content_breaks_its_signature(
    database: Any, signed: Any, client: Client, seal: Any, tmp_path: Path
) -> None:
    """Given a signed entry whose text was altered; then its signature is broken everywhere."""
    marta, event, _signature, _other = signed
    rewrite(database, event, lambda data: data.update(text="Rotor replaced."))
    seal()
    _page, block = show(client, marta, event.id)
    assert "signature broken" in block
    assert "made over other content" in block
    done = verified(tmp_path)
    assert done.returncode == 1
    assert "names another body of its event" in done.stdout


@pytest.mark.tampers
def test_r6_a_signature_by_a_key_that_was_withdrawn_before_is_broken(
    database: Any, signed: Any, client: Client
) -> None:
    """Given a key whose withdrawal lies before the signature, then the signature is broken."""
    from personnel.models.signing import SigningKey

    marta, event, signature, _other = signed
    signing_commands.withdraw_own_key(actor=signers.actor(marta), reason="Seen by a visitor")
    assert "signature holds" in show(client, marta, event.id)[1], "withdrawn after it signed"
    attacker = Attacker(database)
    row = SigningKey.objects.get(person=marta.person)
    early = "2026-01-01 00:00:00+00" if database.vendor == "postgres" else "2026-01-01 00:00:00"
    attacker.change("personnel_signingkey", {"key": row.key}, withdrawn_at=early)
    attacker.close()
    assert "did not stand when it was made" in show(client, marta, event.id)[1]
    assert signature.data.key == row.key


def test_d11_13_a_record_changed_after_signing_says_which_entry_superseded_it(
    signed: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a signed entry that is corrected later, then its signature shows as superseded, by
    the entry that did so."""
    from ledger.command import Act, command, commands

    marta, event, _signature, _other = signed
    rules: dict[type, Any] = {}
    monkeypatch.setattr(superseding, "_rules", rules)

    @superseding.supersedes(LogbookEntryCorrected)
    def corrected(recorded: Recorded, before: Any) -> list[UUID]:
        return [
            one.id
            for one in before
            if isinstance(one.data, LogbookEntryMade) and one.data.entry == recorded.data.entry
        ]

    @command("trial.correct", role=("operator",))
    def correct(act: Act, *, stream: str) -> None:
        from equipment import unit as units

        act.load("equipment", stream, units.INITIAL, units.evolve)
        change = LogbookEntryCorrected(unit=stream, entry=1, old="Rotor wiped.", new="Rotor dried.")
        act.record("equipment", stream, [change])

    try:
        correct(stream=event.stream_id, actor=signers.actor(marta), reason="Wrong word typed")
    finally:
        commands().pop("trial.correct")
    _page, block = show(client, marta, event.id)
    assert "superseded" in block
    assert "changed by entry 2 after it was signed" in block
    (one,) = signing_standing.standing([event.id])[event.id]
    assert (one.standing, one.by_version) == ("superseded", 2)
