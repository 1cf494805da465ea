"""Files kept with a batch as certified copies: what may be kept, who says it is a true copy. Pure.

One stream a batch. A file is named by its hash; whoever keeps it never certifies it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ledger.event import Refused, event_type
from ledger.event import marked as _

PDF, PNG, JPEG, CSV = "application/pdf", "image/png", "image/jpeg", "text/csv"
ENDINGS = {PDF: "pdf", PNG: "png", JPEG: "jpg", CSV: "csv"}
LARGEST = 20 * 1024 * 1024  # bytes
LONGEST_ABOUT = 120
ROWS_LOOKED_AT = 50


@event_type(
    "batches.file_kept",
    1,
    sentence="{batch}: file {number}, {about}, was kept ({media_type}, {size} B).",
    owner="batches",
    retention="batch",
)
class FileKept:
    batch: str
    number: int
    step: int  # nothing where it is of the batch as a whole
    about: str
    blob: str
    media_type: str
    size: int
    kept_by: str


@event_type(
    "batches.file_certified",
    1,
    sentence="{batch}: file {number}, {about}, was certified as a true copy of its original.",
    owner="batches",
    retention="batch",
)
class FileCertified:
    batch: str
    number: int
    about: str
    blob: str
    certified_by: str


@dataclass(frozen=True, kw_only=True)
class File:
    number: int
    step: int
    about: str
    blob: str
    media_type: str
    size: int
    kept_by: str
    certified_by: str = ""

    @property
    def name(self) -> str:
        """What it is called where it is handed out: nothing that somebody typed is in it."""
        return f"file-{self.number}.{ENDINGS[self.media_type]}"


@dataclass(frozen=True, kw_only=True)
class Files:
    files: Mapping[int, File] = field(default_factory=dict)

    @property
    def certified(self) -> frozenset[int]:
        return frozenset(one.number for one in self.files.values() if one.certified_by)


INITIAL = Files()


def evolve(state: Files, event: Any) -> Files:
    match event:
        case FileKept():
            made = File(
                number=event.number,
                step=event.step,
                about=event.about,
                blob=event.blob,
                media_type=event.media_type,
                size=event.size,
                kept_by=event.kept_by,
            )
            return replace(state, files={**state.files, made.number: made})
        case FileCertified(number=number, certified_by=person):
            known = replace(state.files[number], certified_by=person)
            return replace(state, files={**state.files, number: known})
    raise ValueError(f"The files of a batch do not know the event {type(event).__name__}.")


def media_type_of(content: bytes) -> str:
    """What the content itself says it is, among what may be kept; empty for anything else."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    return CSV if _is_csv(content) else ""


def _is_csv(content: bytes) -> bool:
    """Text in rows of at least two cells, each as long as the first."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if any(ord(letter) < 32 and letter not in "\t\r\n" for letter in text):
        return False
    separator = ";" if text.partition("\n")[0].count(";") else ","
    rows = csv.reader(text.splitlines()[:ROWS_LOOKED_AT], delimiter=separator)
    widths = {len(row) for row in rows if row}
    return len(widths) == 1 and widths.pop() > 1


def keep(
    state: Files, *, batch: str, step: int, about: str, blob: str, media_type: str, size: int,
    person: str,
) -> list[FileKept]:  # fmt: skip
    """Keep a file with what it is; a second person compares it with its original."""
    if not media_type:
        raise Refused(
            _("Choose a PDF, a PNG or JPEG picture, or a CSV table: its content is none of these."),
            code="media_type",
        )
    if size > LARGEST:
        raise Refused(
            _("The file has {size} MB; {limit} MB may be kept. Scan it in fewer dots."),
            size=size // (1024 * 1024) + 1,
            limit=LARGEST // (1024 * 1024),
            code="too_large",
        )
    if not about.strip() or len(about) > LONGEST_ABOUT:
        raise Refused(
            _("Say in a few words what the file is, such as: freezing curve of bag 1."),
            code="about",
        )
    same = next((one for one in state.files.values() if one.blob == blob), None)
    if same is not None:
        raise Refused(
            _("This very file is kept already, as file {number}."),
            number=same.number,
            code="kept_already",
        )
    return [
        FileKept(
            batch=batch,
            number=len(state.files) + 1,
            step=step,
            about=about.strip(),
            blob=blob,
            media_type=media_type,
            size=size,
            kept_by=person,
        )
    ]


def certify(state: Files, *, batch: str, number: int, person: str) -> list[FileCertified]:
    """Say that the file is a true copy: one has compared it with its original, and is another."""
    known = state.files.get(number)
    if known is None:
        raise Refused(
            _("{batch} has no file {number}."), batch=batch, number=number, code="no_file"
        )
    if known.certified_by:
        raise Refused(
            _("File {number} is certified already."), number=number, code="certified_already"
        )
    if known.kept_by == person:
        raise Refused(
            _("You kept file {number} yourself, so somebody else compares it with its original."),
            number=number,
            code="same_person",
        )
    return [
        FileCertified(
            batch=batch, number=number, about=known.about, blob=known.blob, certified_by=person
        )
    ]
