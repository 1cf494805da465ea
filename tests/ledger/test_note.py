"""Keys, signed notes, checkpoints, cosignatures and receipts as we write them (R18)."""

import base64
import stat
from pathlib import Path

import pytest

from ledger import keys, note, tiles
from ledger.keys import KeyFileRefused, SigningKey, generate, parse_skey, read_keys, write_keys
from ledger.verify import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    BadNote,
    leaf_hash,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    verify_note,
    verify_tlog_proof,
)

LOG = "demo.lotbook.example"
ROOT = bytes(range(32))
# The private key that Tessera publishes for its test log, and its public half.
TESSERA = (
    "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
)
TESSERA_PUBLIC = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


@pytest.fixture(scope="module")
def log_keys() -> list[SigningKey]:
    return [generate(LOG), generate(LOG, kind=ML_DSA_44)]


@pytest.fixture(scope="module")
def witness() -> SigningKey:
    return generate("qa.hospital.example", kind=COSIGNATURE)


def checkpoint(log_keys: list[SigningKey], size: int = 5, root: bytes = ROOT) -> bytes:
    return note.sign_checkpoint(f"{LOG}/1", size=size, root=root, keys=log_keys, time=1772352000)


def test_keys_have_the_text_form_of_others() -> None:
    """Given a key pair that another program made; then both halves are read and written alike."""
    key = parse_skey(TESSERA)
    assert (key.skey, key.vkey) == (TESSERA, TESSERA_PUBLIC)
    assert parse_vkey(TESSERA_PUBLIC) == key.verifier


def test_a_note_of_ours_is_the_note_of_tessera(shared: Path) -> None:
    """Given Tessera's checkpoint text and key; when we sign it; then it is the same note, bit by
    bit (Ed25519 has no chance in it)."""
    theirs = (shared / "vectors/tessera/testdata/log/checkpoint.5").read_bytes()
    assert note.sign(parse_note(theirs).text, keys=[parse_skey(TESSERA)]) == theirs


@pytest.mark.parametrize("kind", [ED25519, COSIGNATURE, ML_DSA_44])
def test_a_new_key_is_read_back_and_tells_no_secret(kind: int) -> None:
    made = generate(LOG, kind=kind)
    again = parse_skey(made.skey)
    assert (again.vkey, again.skey) == (made.vkey, made.skey)
    assert parse_vkey(made.vkey) == made.verifier
    assert made.skey.split("+", 4)[-1] not in repr(made)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda text: text[8:], "not a private key"),
        (lambda text: text.replace("33d7b496", "33d7b497"), "does not match its own id"),
        (lambda text: text[:-1] + "=", "not canonical base64"),
        (lambda text: text[:-4], "kind or length"),
        (lambda text: text.replace("testdata", "test data"), "cannot name a key"),
    ],
)
def test_a_spoilt_private_key_is_refused_without_showing_it(spoil: object, sentence: str) -> None:
    assert callable(spoil)
    with pytest.raises(BadNote, match=sentence) as refused:
        parse_skey(spoil(TESSERA))
    assert "ymY/SZAX" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not a verifier key"),
        ("name+00000000", "not a verifier key"),
        (TESSERA_PUBLIC.replace("33d7b496", "33D7B496"), "does not match its own id"),
        (TESSERA_PUBLIC.replace("example.com", "example.org"), "does not match its own id"),
        (TESSERA_PUBLIC[:-4], "kind or length"),
        ("a b+00000000+AQ==", "not a verifier key"),
    ],
)
def test_a_spoilt_verifier_key_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadNote, match=sentence):
        parse_vkey(text)


def test_key_files_belong_to_their_owner_alone(tmp_path: Path, log_keys: list[SigningKey]) -> None:
    """Given new key files; then only their owner reads them; they are never replaced; and a file
    that others could read is refused with what to do."""
    file = tmp_path / "keys" / "log.key"
    write_keys(file, log_keys)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [key.skey for key in read_keys(file)] == [key.skey for key in log_keys]
    with pytest.raises(KeyFileRefused, match="not overwritten"):
        write_keys(file, log_keys)
    file.chmod(0o640)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        read_keys(file)
    file.chmod(0o600)
    file.write_text("PRIVATE+KEY+nonsense\n")
    with pytest.raises(KeyFileRefused, match="malformed"):
        read_keys(file)
    file.write_text("\n")
    with pytest.raises(KeyFileRefused, match="holds no key"):
        read_keys(file)
    with pytest.raises(KeyFileRefused, match="cannot be read"):
        read_keys(tmp_path / "none.key")


def test_a_checkpoint_carries_both_signatures_of_the_log_and_the_witness(
    log_keys: list[SigningKey], witness: SigningKey
) -> None:
    """Given a checkpoint signed with Ed25519 and ML-DSA-44 and cosigned; then all three hold."""
    signed = checkpoint(log_keys)
    cosigned = note.with_signatures(signed, [note.cosign(signed, key=witness, time=1772352009)])
    found = verify_note(cosigned, [*(key.verifier for key in log_keys), witness.verifier])
    assert [(item.key.kind, item.time, item.checked) for item in found] == [
        (ED25519, None, True),
        (ML_DSA_44, 1772352000, True),
        (COSIGNATURE, 1772352009, True),
    ]
    assert parse_checkpoint(parse_note(cosigned).text) == (f"{LOG}/1", 5, ROOT)


def test_the_same_line_is_added_once(log_keys: list[SigningKey], witness: SigningKey) -> None:
    signed = checkpoint(log_keys)
    line = note.cosign(signed, key=witness, time=7)
    twice = note.with_signatures(note.with_signatures(signed, [line]), [line])
    assert len(parse_note(twice).signatures) == 3


def test_every_spoilt_byte_of_a_known_signature_condemns_the_note(
    log_keys: list[SigningKey], witness: SigningKey
) -> None:
    """Given a checkpoint with three known signatures; when any one is wrong; then the note falls,
    though the others hold."""
    signed = checkpoint(log_keys)
    cosigned = note.with_signatures(signed, [note.cosign(signed, key=witness, time=9)])
    known = [*(key.verifier for key in log_keys), witness.verifier]
    parsed = parse_note(cosigned)
    for at, line in enumerate(parsed.signatures):
        for place in (0, len(line.value) // 2, len(line.value) - 1):
            value = bytearray(line.value)
            value[place] ^= 1
            lines = list(parsed.signatures)
            lines[at] = line._replace(value=bytes(value))
            with pytest.raises(BadNote, match="is wrong"):
                verify_note(parsed._replace(signatures=tuple(lines)), known)


def test_unknown_keys_are_ignored_but_do_not_count(
    log_keys: list[SigningKey], witness: SigningKey
) -> None:
    """Given a note; then strangers' lines are ignored; where only strangers signed, it falls."""
    signed = checkpoint(log_keys)
    with pytest.raises(BadNote, match="No known key"):
        verify_note(signed, [witness.verifier])
    [found] = verify_note(signed, [log_keys[0].verifier])
    assert found.key.kind == ED25519


def test_without_the_library_ml_dsa_is_present_not_checked(
    log_keys: list[SigningKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a machine without `cryptography`; then Ed25519 is checked and ML-DSA-44 is not, and an
    ML-DSA-44 signature alone is not enough."""
    monkeypatch.setitem(__import__("sys").modules, "cryptography.exceptions", None)
    found = verify_note(checkpoint(log_keys), [key.verifier for key in log_keys])
    assert [(item.key.kind, item.checked) for item in found] == [
        (ED25519, True),
        (ML_DSA_44, False),
    ]
    with pytest.raises(BadNote, match="No known key"):
        verify_note(checkpoint(log_keys), [log_keys[1].verifier])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\n",
        b"text\n\n\xe2\x80\x94 name AAAAAAA=",
        b"text\n\n\xe2\x80\x94 name\n",
        b"text\n\n\xe2\x80\x94 na+me AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 name AAAA\n",
        b"text\n\n\xe2\x80\x94 name AAAAAAB=\n",
        b"text\n\n- name AAAAAAA=\n",
        b"te\rxt\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"te\xffxt\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"text\n\n" + b"\xe2\x80\x94 name AAAAAAA=\n" * 101,
    ],
)
def test_malformed_notes_are_refused(data: bytes) -> None:
    with pytest.raises(BadNote):
        parse_note(data)


@pytest.mark.parametrize(
    "text",
    [
        "origin\n5\n",
        f"\n5\n{base64.b64encode(ROOT).decode()}\n",
        f"origin\n05\n{base64.b64encode(ROOT).decode()}\n",
        f"origin\n-5\n{base64.b64encode(ROOT).decode()}\n",
        f"origin\n5\n{base64.b64encode(ROOT[:31]).decode()}\n",
        f"origin\n5\n{base64.b64encode(ROOT).decode()}",
        f"origin\n5\n{base64.b64encode(ROOT).decode()}\n\nextension\n",
    ],
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(text.encode())


def receipt(log_keys: list[SigningKey], index: int, entries: list[bytes]) -> bytes:
    """A receipt for one of a few entries."""
    leaves = [leaf_hash(entry) for entry in entries]

    def node(height: int, at: int) -> bytes:
        return tiles.perfect_root(leaves[at << height : (at + 1) << height])

    root = tiles.subtree(0, len(leaves), node)
    proof = tiles.inclusion_path(index, len(leaves), node)
    signed = checkpoint(log_keys, len(leaves), root)
    return note.tlog_proof(index, proof=proof, checkpoint=signed, extra=entries[index])


def test_a_receipt_proves_its_entry_and_no_other_r18(log_keys: list[SigningKey]) -> None:
    """Given 11 entries; then each one's receipt proves it, at its index, and nothing else."""
    entries, known = [f"entry {n}".encode() for n in range(11)], [log_keys[0].verifier]
    for index, entry in enumerate(entries):
        text = receipt(log_keys, index, entries)
        found = verify_tlog_proof(text, entry, known)
        assert (found.leaf_index, found.checkpoint.size) == (index, 11)
        with pytest.raises(BadNote, match="does not stand"):
            verify_tlog_proof(text, b"another entry", known)
        with pytest.raises(BadNote):
            verify_tlog_proof(text.replace(b"index %d\n" % index, b"index 11\n"), entry, known)


def test_a_receipt_needs_the_log_itself(log_keys: list[SigningKey], witness: SigningKey) -> None:
    """Given a receipt whose checkpoint only a witness signed; then it is refused."""
    text = note.checkpoint_text(f"{LOG}/1", size=1, root=leaf_hash(b"entry"))
    alone = note.tlog_proof(0, proof=[], checkpoint=note.sign(text, keys=[witness], time=5))
    with pytest.raises(BadNote, match="itself did not sign"):
        verify_tlog_proof(alone, b"entry", [witness.verifier, log_keys[0].verifier])


def test_a_receipt_is_read_strictly(log_keys: list[SigningKey]) -> None:
    good, known = receipt(log_keys, 1, [b"a", b"b", b"c"]), [log_keys[0].verifier]
    assert verify_tlog_proof(good, b"b", known).leaf_index == 1
    for old, new in ((b"@v1", b"@v2"), (b"index 1", b"index 01"), (b"index 1", b"index -1")):
        with pytest.raises(BadNote):
            verify_tlog_proof(good.replace(old, new), b"b", known)
    with pytest.raises(BadNote, match="at most 63"):
        note.tlog_proof(0, proof=[b"short"], checkpoint=checkpoint(log_keys))


def test_a_seed_of_another_length_makes_no_key() -> None:
    with pytest.raises(BadNote, match="kind or length"):
        keys.from_seed(LOG, seed=b"short")
