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
