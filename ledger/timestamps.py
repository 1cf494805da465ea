"""RFC 3161: a time-stamping authority says that a signed checkpoint existed at a certain time."""

import http.client
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    Verifier,
    VerifierBuilder,
    decode_timestamp_response,
)

from ledger.models import Checkpoint, TimestampToken
from ledger.verify import parse_note

TIMEOUT = 20.0
MOST_BYTES = 64 * 1024
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class TimestampRefused(Exception):
    """Why there is no valid time stamp, as a sentence."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a valid token says: the time, and the checkpoint it is about."""

    at: datetime
    epoch: int
    size: int


def read_certificates(path: Path) -> list[x509.Certificate]:
    """The authority's certificates, PEM (one or more) or DER (one)."""
    try:
        data = path.read_bytes()
        blocks = _PEM.findall(data)
        if blocks:
            return [x509.load_pem_x509_certificate(block) for block in blocks]
        return [x509.load_der_x509_certificate(data)]
    except (OSError, ValueError) as error:
        raise TimestampRefused(f"The certificates in {path} cannot be read: {error}") from error


def request_for(message: bytes) -> TimeStampRequest:
    """A request with a nonce that asks for the authority's certificate."""
    builder = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256)
    return builder.cert_request(cert_request=True).nonce(nonce=True).build()


def verify(
    token: bytes,
    message: bytes,
    *,
    certificates: list[x509.Certificate],
    request: TimeStampRequest | None = None,
) -> datetime:
    """The time a token states for a message; TimestampRefused unless it is genuine.

    Certificates need to have been valid at that time, not today: a token outlives them.
    """
    try:
        response = decode_timestamp_response(token)
        _verifier(certificates, request).verify_message(response, message)
        return _time_of(response)
    except (VerificationError, ValueError) as error:
        told = str(error).partition(": ErrorStack")[0]
        raise TimestampRefused(f"The time stamp does not hold: {told}.") from error


def imprint_matches(token: bytes, message: bytes) -> bool:
    """Whether a token is about this message at all, whoever made it (SHA-256 tokens)."""
    try:
        response = decode_timestamp_response(token)
    except ValueError:
        return False
    return bool(response.tst_info.message_imprint.message == sha256(message).digest())


def _time_of(response: TimeStampResponse) -> datetime:
    return response.tst_info.gen_time


def _verifier(certificates: list[x509.Certificate], request: TimeStampRequest | None) -> Verifier:
    builder = VerifierBuilder() if request is None else VerifierBuilder.from_request(request)
    for certificate in certificates:
        if certificate.subject == certificate.issuer:
            builder = builder.add_root_certificate(certificate)
        elif _is_authority(certificate):
            builder = builder.add_intermediate_certificate(certificate)
        else:
            builder = builder.tsa_certificate(certificate)
    return builder.build()


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return found.value.ca


def post(url: str, request: TimeStampRequest) -> bytes:
    """The authority's answer to a request."""
    parts = urlsplit(url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if parts.scheme not in kinds:
        raise TimestampRefused(f"LOTBOOK_TSA_URL is not a web address: {url!r}.")
    connection = kinds[parts.scheme](parts.hostname or "", parts.port, timeout=TIMEOUT)
    headers = {"Content-Type": "application/timestamp-query"}
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, request.as_bytes(), headers)
        answer = connection.getresponse()
        body = answer.read(MOST_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise TimestampRefused(
            f"The authority {parts.hostname} cannot be reached: {error}"
        ) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise TimestampRefused(f"The authority {parts.hostname} answered {answer.status}.")
    return body


def timestamp_newest(*, using: str = "sealer") -> Stamp | None:
    """Have the newest checkpoint stamped and keep the verified token. None: not configured, or
    the newest checkpoint has its token already."""
    newest = Checkpoint.objects.using(using).order_by("-epoch", "-size").first()
    if not settings.LOTBOOK_TSA_URL or newest is None:
        return None
    if TimestampToken.objects.using(using).filter(id=newest.id).exists():
        return None
    if not settings.LOTBOOK_TSA_CERTIFICATES:
        raise TimestampRefused(
            "Set LOTBOOK_TSA_CERTIFICATES to the file with the authority's certificates: a token"
            " that nobody can check is not kept."
        )
    certificates = read_certificates(Path(settings.LOTBOOK_TSA_CERTIFICATES))
    message = parse_note(newest.note.encode()).text  # the three lines, without signatures
    request = request_for(message)
    token = post(settings.LOTBOOK_TSA_URL, request)
    at = verify(token, message, certificates=certificates, request=request)
    row = TimestampToken(id=newest.id, epoch=newest.epoch, size=newest.size, token=token)
    TimestampToken.objects.using(using).bulk_create([row], ignore_conflicts=True)
    return Stamp(at, newest.epoch, newest.size)
