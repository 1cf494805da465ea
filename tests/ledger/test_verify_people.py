"""People's signatures that a server sealed but the person never made (R2)."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger import verify
from ledger.verify import verify_bundle
from tests.ledger import bundle_kit as kit
from tests.ledger import log_kit
from tests.ledger.bundle_kit import Files
from tests.ledger.log_kit import Log


def check(files: Files, where: Path, *keys: str) -> verify.Report:
    return verify_bundle(str(kit.write_zip(files, where / "bundle.zip")), keys)


def spoilt_signature(change: Callable[[dict[str, Any]], object], who: int) -> Log:
    """A log in which the ledger itself sealed a signature that is wrong."""
    log = Log()
    people = [log_kit.person("Ana", "ed25519", 21), log_kit.person("Ben", "webauthn-es256", 22)]
    for person in people:
        log.enrol(person)
    done = log.record("equipment/INC-1", "equipment.cleaned/1", {"old": "a", "new": "b"})
    log.sign(people[who], [done])
    data = json.loads(log.tree.bodies.pop())["data"]
    log.tree.entries.pop()
    log.versions.popitem()
    change(data)
    log.record("signature/s", "ledger.signature_applied/1", data, actor=people[who].id)
    log.checkpoint()
    return log


@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.update(meaning="approved"), "signature of the person is wrong|another chall"),
        (lambda d: d.update(printed_name="Eve"), "signature of the person is wrong|another chall"),
        (lambda d: d["signed"][0].update(body_sha256="0" * 64), "is wrong|another challenge"),
        (lambda d: d.update(signer="p-eve"), "signed with the key of"),
        (lambda d: d.update(key="key-unknown"), "enrolment is not at hand"),
        (lambda d: d.update(algorithm="none"), "unknown or not the enrolled"),
        (lambda d: d.update(value=log_kit.b64(bytes(64))), "signature of the person is wrong"),
        (lambda d: d.update(value="?"), "base64"),
        (lambda d: d.pop("value"), "does not say what such"),
    ],
)
def test_a_wrong_signature_of_a_person_is_found_r02(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], sentence: str, who: int
) -> None:
    """Given a sealed log whose server wrote a signature that the person did not make; then it is
    found, at its position."""
    report = check(kit.bundle(spoilt_signature(change, who)), tmp_path)
    assert report.verdict == "failed" and report.finding is not None
    assert any(part in report.finding.what for part in sentence.split("|"))
    if "base64" not in sentence:
        assert report.finding.position == 4


@pytest.mark.parametrize(
    ("part", "spoil"),
    [
        ("client_data", lambda raw: raw.replace(b"webauthn.get", b"webauthn.create")),
        ("authenticator_data", lambda raw: raw[:32] + b"\x01" + raw[33:]),
        ("authenticator_data", lambda raw: raw[:36]),
    ],
)
def test_a_passkey_that_did_not_verify_its_user_is_refused_r02(
    tmp_path: Path, part: str, spoil: Callable[[bytes], bytes]
) -> None:
    def change(data: dict[str, Any]) -> None:
        data[part] = log_kit.b64(spoil(base64.b64decode(data[part])))

    report = check(kit.bundle(spoilt_signature(change, 1)), tmp_path)
    assert report.finding is not None
    assert (report.finding.position, report.verdict) == (4, "failed")


def test_a_signature_over_an_event_that_the_log_holds_otherwise_is_found_r02(
    tmp_path: Path,
) -> None:
    """Given a genuine signature over a body that is not the sealed one; then it is found."""
    log, ana = Log(), log_kit.person("Ana", "ed25519", 21)
    log.enrol(ana)
    done = log.record("equipment/INC-1", "equipment.cleaned/1", {"old": "a", "new": "b"})
    log.sign(ana, [{**done, "body_sha256": "0" * 64}])
    log.checkpoint()
    report = check(kit.bundle(log), tmp_path)
    assert report.finding == verify.Finding(3, "The signature names another body of its event.")


def signed_around(*steps: str) -> Log:
    """A log in which Ana's key is enrolled, signs and is withdrawn in this order; Ben has one."""
    log, ana = Log(), log_kit.person("Ana", "ed25519", 21)
    log.enrol(log_kit.person("Ben", "webauthn-es256", 22))
    done = log.record("equipment/INC-1", "equipment.cleaned/1", {"old": "a", "new": "b"})
    for step in steps:
        if step == "enrol":
            log.enrol(ana)
        elif step == "withdraw":
            data = {"person": ana.id, "key": ana.key}
            log.record(f"signing/{ana.id}", "personnel.signing_key_withdrawn/1", data)
        else:
            log.sign(ana, [done])
    log.checkpoint()
    return log


def test_r6_what_a_key_signed_before_its_withdrawal_stays_good(tmp_path: Path) -> None:
    report = check(kit.bundle(signed_around("enrol", "sign", "withdraw")), tmp_path)
    assert report.verdict == "verified", report.text()
    assert "1 signatures of people hold" in report.text()


@pytest.mark.parametrize(
    ("steps", "position", "sentence"),
    [
        (("enrol", "sign", "withdraw", "sign"), 6, "withdrawn before at 5"),
        (("enrol", "withdraw", "enrol", "sign"), 6, "withdrawn before at 4"),
        (("sign", "enrol"), 3, "whose enrolment is not at hand"),
    ],
)
def test_r6_a_key_signs_between_its_enrolment_and_its_withdrawal(
    tmp_path: Path, steps: tuple[str, ...], position: int, sentence: str
) -> None:
    """Given a genuine signature made when its key did not stand, which a server sealed all the
    same; then it is found, at its position."""
    report = check(kit.bundle(signed_around(*steps)), tmp_path)
    assert report.verdict == "failed" and report.finding is not None
    assert report.finding.position == position
    assert sentence in report.finding.what


def test_r6_a_withdrawal_before_the_range_comes_along(tmp_path: Path) -> None:
    """Given a bundle that begins after the withdrawal, then the signature after it is found."""
    log = signed_around("enrol", "withdraw", "sign")
    report = check(kit.bundle(log, first=5), tmp_path)
    assert report.finding is not None
    assert (report.finding.position, report.verdict) == (5, "failed")
    assert "withdrawn before at 4" in report.finding.what


def test_r6_nobody_records_a_signature_in_anothers_name(tmp_path: Path) -> None:
    """Given Ana's genuine signature that Ben's entry carries, then it is found."""
    log, ana = Log(), log_kit.person("Ana", "ed25519", 21)
    log.enrol(ana)
    done = log.record("equipment/INC-1", "equipment.cleaned/1", {"old": "a", "new": "b"})
    log.sign(ana, [done])
    data = json.loads(log.tree.bodies.pop())["data"]
    log.tree.entries.pop()
    log.versions.popitem()
    log.record("signature/s", "ledger.signature_applied/1", data, actor="p-ben")
    log.checkpoint()
    report = check(kit.bundle(log), tmp_path)
    assert report.finding is not None
    assert "p-ben recorded a signature in the name of" in report.finding.what


def test_r6_what_was_superseded_is_said_with_its_position(tmp_path: Path) -> None:
    log, ana = Log(), log_kit.person("Ana", "ed25519", 21)
    log.enrol(ana)
    done = log.record("equipment/INC-1", "equipment.cleaned/1", {"old": "a", "new": "b"})
    log.sign(ana, [done])
    signature = log.tree.entries[-1].decode().split("\n")[1]
    later = log.record("equipment/INC-1", "equipment.cleaned/1", {"old": "b", "new": "c"})
    told = {"signature": signature, "signed": done["event"], "by": later["event"]}
    log.record("signature/s", "ledger.signature_superseded/1", told)
    log.checkpoint()
    report = check(kit.bundle(log), tmp_path)
    assert report.verdict == "verified", report.text()
    assert "signature at position 3: superseded by 4" in report.remarks
