"""Signatures made by others: Wycheproof against the plain-Python verifier, notes of C2SP (R18)."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.verify import (
    BadNote,
    Checkpoint,
    cosigned_message,
    ed25519_verify,
    format_vkey,
    ml_dsa_44_verify,
    p256_verify,
    parse_note,
    parse_vkey,
    verify_note,
)

Verify = Callable[[bytes, bytes, bytes], bool | None]


def wycheproof(shared: Path, name: str, verify: Verify, key_part: str | None) -> Counter[str]:
    """Run all cases of a Wycheproof file; count them by their expected result."""
    file = shared / f"vectors/wycheproof/testvectors_v1/{name}_test.json"
    groups: list[dict[str, Any]] = json.loads(file.read_text())["testGroups"]
    counted: Counter[str] = Counter()
    for group in groups:
        public = group["publicKey"]
        key = bytes.fromhex(public[key_part] if key_part else public)
        for case in group["tests"]:
            holds = verify(key, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            assert holds is (case["result"] == "valid"), (name, case["tcId"], case["comment"])
            counted[case["result"]] += 1
    return counted


def test_wycheproof_ed25519_in_plain_python_r18(shared: Path) -> None:
    """Given hostile Ed25519 signatures; then the plain verifier takes exactly the valid."""
    counted = wycheproof(shared, "ed25519", ed25519_verify, "pk")
    assert counted == {"valid": 88, "invalid": 63}


def test_wycheproof_p256_in_plain_python_r18(shared: Path) -> None:
    """Given hostile ECDSA signatures; then the plain verifier takes exactly the valid."""
    counted = wycheproof(shared, "ecdsa_secp256r1_sha256", p256_verify, "uncompressed")
    assert counted == {"valid": 174, "invalid": 310}


def test_wycheproof_ml_dsa_44_r18(shared: Path) -> None:
    """Given ML-DSA-44 signatures without a context; then the library takes exactly the valid."""
    file = shared / "vectors/wycheproof/testvectors_v1/mldsa_44_verify_test.json"
    counted: Counter[str] = Counter()
    for group in json.loads(file.read_text())["testGroups"]:
        for case in group["tests"]:
            if case.get("ctx"):
                counted["with a context, which checkpoints never have"] += 1
                continue
            key, message = bytes.fromhex(group["publicKey"]), bytes.fromhex(case["msg"])
            holds = ml_dsa_44_verify(key, message, bytes.fromhex(case["sig"]))
            assert holds is (case["result"] == "valid"), (case["tcId"], case["comment"])
            counted["run"] += 1
    assert counted.total() == 180
    assert counted["run"] > 150


def test_the_note_of_the_specification_r18(shared: Path) -> None:
    """Given the note in c2sp.org/signed-note; then it is parsed, and its unknown key is ignored."""
    sample = json.loads((shared / "vectors/signed_note_example.json").read_text())
    note = parse_note(sample["note"].encode())
    assert note.text.endswith("ed è subito sera.\n".encode())
    [line] = note.signatures
    assert (line.name, len(line.value)) == ("quasimodo.example/salvatore", 64)
    vkey = sample["vkey"].split("(")[0].split()[-1]
    assert format_vkey(parse_vkey(vkey)) == vkey
    with pytest.raises(BadNote, match="No known key"):
        verify_note(note, [parse_vkey(vkey)])


def test_the_signed_example_of_the_specification_r18(shared: Path) -> None:
    """Given the specification's key and message (in its text); then the signature holds; changed
    by one letter it does not."""
    sample = json.loads((shared / "vectors/signed_note_example.json").read_text())
    key = parse_vkey(sample["vkey"].split("(")[0].split()[-1])
    signed = (
        "This is an example message.\n\n\u2014 example.com/foo "
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72Ine"
        "yaQM=\n"
    ).encode()
    [found] = verify_note(signed, [key])
    assert (found.key, found.time, found.checked) == (key, None, True)
    with pytest.raises(BadNote, match="wrong"):
        verify_note(signed.replace(b"example message", b"Example message"), [key])


def test_the_message_of_an_ml_dsa_cosignature() -> None:
    """Given a checkpoint; then the bytes that ML-DSA-44 signs are those of tlog-cosignature."""
    head = Checkpoint("example.com/log", 7, bytes(range(32)))
    message = cosigned_message("witness.example", 1679315147, head)
    assert message == (
        b"subtree/v1\n\0\x0fwitness.example\0\0\0\0\x64\x18\x50\xcb\x0fexample.com/log"
        + bytes(8)
        + (7).to_bytes(8, "big")
        + bytes(range(32))
    )
