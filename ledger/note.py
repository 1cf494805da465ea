"""Writing signed notes: checkpoints, their signatures, witnesses' cosignatures and receipts.

The formats are those of c2sp.org: signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof.
"""

import base64
from collections.abc import Iterable, Sequence

from ledger.keys import SigningKey
from ledger.verify import (
    COSIGNATURE,
    ED25519,
    BadNote,
    cosigned_message,
    cosigned_text,
    parse_checkpoint,
    parse_note,
)

MAX_PROOF = 63  # hashes: a tree's size has at most 63 bits


def checkpoint_text(origin: str, *, size: int, root: bytes) -> bytes:
    """The three lines that a checkpoint signs."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()
    parse_checkpoint(text)
    return text


def sign_checkpoint(
    origin: str, *, size: int, root: bytes, keys: Sequence[SigningKey], time: int
) -> bytes:
    """A checkpoint signed with each of the log's keys. `time`: POSIX seconds, for ML-DSA-44."""
    return sign(checkpoint_text(origin, size=size, root=root), keys=keys, time=time)


def sign(text: bytes, *, keys: Sequence[SigningKey], time: int = 0) -> bytes:
    """A note: the text, an empty line, a signature line for each key."""
    if not text.endswith(b"\n") or not keys:
        raise BadNote("A note's text ends with a new line, and somebody signs it.")
    lines = [signature_line(text, key=key, time=time) for key in keys]
    return with_signatures(text + b"\n", lines)


def signature_line(text: bytes, *, key: SigningKey, time: int = 0) -> str:
    """One key's signature line; `time` counts for the kinds that carry one."""
    if key.kind == ED25519:
        value = key.private.sign(text)
    elif key.kind == COSIGNATURE:
        value = time.to_bytes(8, "big") + key.private.sign(cosigned_text(text, time))
    else:
        message = cosigned_message(key.name, time, parse_checkpoint(text))
        value = time.to_bytes(8, "big") + key.private.sign(message)
    return f"\u2014 {key.name} {base64.b64encode(key.verifier.id + value).decode()}\n"


def sign_key_change(old: SigningKey, *, new: str) -> str:
    """The old key's word that another one follows it (docs/formats.md, section 3)."""
    text = f"lotbook.key-change/v1\n{old.name}\n{old.vkey}\n{new}\n".encode()
    return base64.b64encode(old.private.sign(text)).decode()


def cosign(note: bytes, *, key: SigningKey, time: int) -> str:
    """A witness's line for a checkpoint it has found consistent."""
    text = parse_note(note).text
    parse_checkpoint(text)
    return signature_line(text, key=key, time=time)


def with_signatures(note: bytes, lines: Iterable[str]) -> bytes:
    """The note with more signature lines; a line it has already is not repeated."""
    kept = note.decode("utf-8")
    for line in lines:
        line = line if line.endswith("\n") else f"{line}\n"
        if f"\n{line}" not in kept:
            kept += line
    data = kept.encode()
    parse_note(data)
    return data


def tlog_proof(
    index: int, *, proof: Sequence[bytes], checkpoint: bytes, extra: bytes | None = None
) -> bytes:
    """A receipt (.tlog-proof): where the entry stands, the path to the root, the checkpoint."""
    if len(proof) > MAX_PROOF or any(len(node) != 32 for node in proof):
        raise BadNote("An inclusion proof is a list of at most 63 hashes of 32 bytes.")
    parse_note(checkpoint)
    head = ["c2sp.org/tlog-proof@v1"]
    if extra is not None:
        head.append(f"extra {base64.b64encode(extra).decode()}")
    head.append(f"index {index}")
    head += [base64.b64encode(node).decode() for node in proof]
    return "\n".join(head).encode() + b"\n\n" + checkpoint
