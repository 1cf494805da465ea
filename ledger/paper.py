"""Printed records: PDF/A-3a laid out by typst from a JSON record, sealed by pyHanko (PAdES).

Both libraries are heavy and load here alone, when somebody prints. Nothing asks the network.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from ledger.event import Refused, marked
from ledger.seal_keys import SealKey

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "paper"
FIELD = "Seal"
NOT_LAID_OUT = marked("The print could not be laid out: {what} Tell the administrator.")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF; the relationship is PDF/A-3's: source, data, supplement ..."""

    name: str
    content: bytes
    mime_type: str
    relationship: str
    description: str

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class SealReport:
    """What a seal is worth: whether anything it covers was changed, or added behind it."""

    intact: bool
    whole: bool
    certificate_sha256: str


def dataset(record: dict[str, Any]) -> bytes:
    """The record as canonical JSON: what a print is made from, and what its hash names."""
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode() + b"\n"


def lay_out(
    template: str,
    record: dict[str, Any],
    *,
    created_at: datetime,
    attachments: Iterable[Attachment] = (),
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """The PDF/A-3a of a record. The same record, time and attachments give the same bytes.

    The template finds the record in `/data.json`, with the dataset's own hash beside it, and each
    picture under the name that the record gives it.
    """
    import typst

    content = dataset(record)
    kept = list(attachments)
    with tempfile.TemporaryDirectory(prefix="lotbook-paper-") as folder:
        root = Path(folder)
        for source in TEMPLATES.glob("*.typ"):
            shutil.copyfile(source, root / source.name)
        (root / "data.json").write_text(
            json.dumps(
                {
                    "record": json.loads(content),
                    "dataset_sha256": sha256(content).hexdigest(),
                    "created_at": _parts(created_at),
                    "attachments": [_described(one) for one in kept],
                },
                ensure_ascii=False,
                sort_keys=True,
            ),
            encoding="utf-8",
        )
        for one in kept:
            (root / one.name).write_bytes(one.content)
        for name, picture in (pictures or {}).items():
            (root / name).write_bytes(picture)
        try:
            made = typst.compile(
                root / template,
                root=root,
                format="pdf",
                font_paths=_fonts(),
                ignore_system_fonts=True,  # a print looks alike on every server
                pdf_standards=["a-3a"],
                timestamp=int(created_at.timestamp()),
            )
        except typst.TypstError as error:
            what = str(error).replace(folder, "")[:300]
            raise Refused(NOT_LAID_OUT, code="not_laid_out", what=what) from error
    return bytes(made)


def pages(pdf: bytes) -> int:
    """How many pages it has."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    return int(PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Count"])


def seal(pdf: bytes, key: SealKey, *, reason: str, place: str) -> bytes:
    """The PDF with the facility's certifying signature (PAdES baseline B): no change is allowed."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter

    signer = signers.SimpleSigner.load_pkcs12_data(key.as_pkcs12(), other_certs=[], passphrase=None)
    if signer is None:
        raise Refused(marked("The seal key cannot be used by the PDF library."), code="seal_key")
    about = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=reason,
        location=place,
    )
    out = io.BytesIO()
    signers.PdfSigner(about, signer=signer, new_field_spec=SigFieldSpec(FIELD)).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out
    )
    return out.getvalue()


def check_seal(pdf: bytes) -> SealReport | None:
    """What the seal of a PDF is worth, from its bytes alone; None where it bears none."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    broken = SealReport(intact=False, whole=False, certificate_sha256="")
    try:
        found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        if not found:
            return None
        its_own = found[0].signer_cert
        context = ValidationContext(trust_roots=[its_own], allow_fetching=False)
        status = validate_pdf_signature(found[0], signer_validation_context=context)
    except (PdfError, SigningError, SignatureValidationError, ValueError, LookupError, TypeError):
        return broken
    return SealReport(
        intact=status.intact and status.valid,
        whole=status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        and status.docmdp_ok is not False,
        certificate_sha256=sha256(its_own.dump()).hexdigest(),
    )


@lru_cache(maxsize=1)
def _fonts() -> Any:
    """The fonts inside typst's wheel: Libertinus Serif, and DejaVu Sans Mono where it lacks one."""
    import typst

    return typst.Fonts(include_system_fonts=False)


def _described(one: Attachment) -> dict[str, str]:
    return {
        "path": f"/{one.name}",
        "name": one.name,
        "mime_type": one.mime_type,
        "relationship": one.relationship,
        "description": one.description,
        "sha256": one.sha256,
        "bytes": str(len(one.content)),
    }


def _parts(moment: datetime) -> dict[str, int]:
    """A time as typst takes it: its document dates are UTC."""
    at = moment.astimezone(UTC)
    names = ("year", "month", "day", "hour", "minute", "second")
    return {name: getattr(at, name) for name in names}
