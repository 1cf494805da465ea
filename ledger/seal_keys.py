"""The facility's seal on printed records: a private key with its certificate, one PEM file."""

from __future__ import annotations

import logging
import os
import stat
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings

from ledger.event import Refused, marked

say = logging.getLogger(__name__)
YEARS = 10
MISSING = marked(
    "Nothing can be sealed: {path} is not there. The administrator puts the facility's seal key and"
    " its certificate there; the operator's page on keys says how."
)
UNFIT = marked("Nothing can be sealed: {path} {what} Ask the administrator to mend it.")
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, repr=False)
class SealKey:
    """What seals prints: the private key, its certificate, and those that vouch for it."""

    private: Private
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def __repr__(self) -> str:
        return f"<SealKey {self.subject}>"

    @property
    def subject(self) -> str:
        return self.certificate.subject.rfc4514_string()

    @property
    def certificate_sha256(self) -> str:
        return sha256(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()

    def as_pkcs12(self) -> bytes:
        """For the PDF library alone, in memory."""
        return pkcs12.serialize_key_and_certificates(
            b"seal",
            self.private,
            self.certificate,
            list(self.chain) or None,
            serialization.NoEncryption(),
        )


def from_settings(at: datetime) -> SealKey:
    """The installation's seal key. A demo makes its own once; a facility brings one."""
    path = Path(settings.LOTBOOK_SEAL_KEY)
    if settings.DEMO and not path.exists():
        write(path, self_signed(settings.LOTBOOK_ORIGIN, at))
        say.warning("Made a self-signed seal key %s. It is for a demo only.", path)
    return read(path, at)


def self_signed(name: str, at: datetime) -> bytes:
    """A new P-256 key and a certificate it signs itself, as PEM."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Seal of {name}"[:64])])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(at, datetime.now(UTC)) - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365 * YEARS))
        .add_extension(usage, critical=True)
        .sign(private, hashes.SHA256())
    )
    key = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key + certificate.public_bytes(serialization.Encoding.PEM)


def read(path: Path, at: datetime) -> SealKey:
    """The key of a file that belongs to its owner alone, with the certificate made for it."""
    if not path.exists():
        raise Refused(MISSING, path=str(path), code="seal_key")
    try:
        mode, content = stat.S_IMODE(path.stat().st_mode), path.read_bytes()
    except OSError as error:
        raise _unfit(path, f"cannot be read ({error.strerror}).") from error
    if mode & 0o077:
        raise _unfit(path, "can be read by others (chmod 600).")
    try:
        private = serialization.load_pem_private_key(content, None)
        found = x509.load_pem_x509_certificates(content)
    except (ValueError, TypeError) as error:
        raise _unfit(path, "holds no readable key with its certificate.") from error
    if not isinstance(private, Private):
        raise _unfit(path, "holds a key of a kind that PDF readers do not know.")
    own = [one for one in found if one.public_key() == private.public_key()]
    if not own:
        raise _unfit(path, "holds no certificate of its own key.")
    if not own[0].not_valid_before_utc <= at <= own[0].not_valid_after_utc:
        raise _unfit(path, "holds a certificate that is not valid now.")
    return SealKey(private, own[0], tuple(one for one in found if one is not own[0]))


def _unfit(path: Path, what: str) -> Refused:
    return Refused(UNFIT, path=str(path), what=what, code="seal_key")


def write(path: Path, content: bytes) -> None:
    """Whole or not at all, for its owner alone; one that is there is never replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, 0o600)
            file.write(content)
            file.flush()
            os.fsync(handle)
        os.link(beside, path)
    except FileExistsError:
        pass  # another process of the demo was first
    finally:
        os.unlink(beside)
