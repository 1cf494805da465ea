"""R21: 200 names and identifiers are planted; outside the vault none is found, in any disguise."""

import base64
import hashlib
import logging
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from django.db import connection, connections
from django.test import Client

from ledger.export import export_bundle
from personnel import vault
from personnel.models import Account, Unmasking
from tests.personnel import vault_people as people

SUBJECTS = 50
LONG_AGO = "1996-01-15"  # the thirty years are over
HEXADECIMAL = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32,128}(?![0-9a-f])")
VAULT = {"personnel_sealedrecord", "personnel_subjectkey"}
FAMILY = ["Zwierzyński", "Ormeño-Quijada", "Vandenbosch", "Østergård", "Mihăilescu"]
GIVEN = ["Kunegunda", "Teófilo", "Wilhelmina", "Åsbjørn", "Crăița"]


def planted(number: int) -> dict[str, str]:
    """Four things about somebody who does not exist, unlike anything else that is written."""
    return {
        "family_name": f"{FAMILY[number % 5]}{'abcdefghij'[number // 5]}ov",
        "given_name": f"{GIVEN[number % 5]}{'klmnopqrst'[number // 5]}",
        "birth_date": f"19{20 + number}-0{1 + number % 9}-1{number % 9}",
        "hospital_number": f"MRN-{7_310_000 + number * 977}",
    }


@dataclass
class Place:
    """Something that was written outside the vault, and all that stands in it."""

    name: str
    content: bytes


def disguises(value: str) -> Iterator[bytes]:
    """How a value could stand somewhere: plain, folded, encoded, or hashed without a key."""
    plain = value.encode()
    yield from {plain, value.casefold().encode(), value.upper().encode(), quote(value).encode()}
    yield from {value.encode("unicode_escape"), value.encode("utf-16-le")}
    yield plain.hex().encode()
    for shift in range(3):  # base64 of a text that holds it, wherever it begins
        inner = base64.b64encode(b"x" * shift + plain)[4 if shift else 0 : -4]
        if len(inner) >= 8:
            yield inner
    yield hashlib.sha256(plain).digest()


def hashes(value: str) -> set[bytes]:
    """The value under every common hash without a key, in hexadecimal."""
    kinds = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "sha3_256")
    return {hashlib.new(kind, value.encode()).hexdigest().encode() for kind in kinds}


def found(places: Iterable[Place], values: Iterable[str]) -> list[str]:
    wanted = [(value, needle) for value in values for needle in set(disguises(value))]
    hashed = {digest: value for value in values for digest in hashes(value)}
    seen = set()
    for place in places:
        seen |= {f"{value} in {place.name}" for value, needle in wanted if needle in place.content}
        digests = set(HEXADECIMAL.findall(place.content.lower())) & hashed.keys()
        seen |= {f"{hashed[digest]}, hashed, in {place.name}" for digest in digests}
    return sorted(seen)


def tables(*, vaults: bool = False) -> Iterator[Place]:
    """Every table of the database, every row and column as bytes."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        assert set(names) >= VAULT
        for name in sorted(set(names) - (set() if vaults else VAULT)):
            with connections["migrator"].cursor() as reader:
                reader.execute(f'SELECT * FROM "{name}"')
                yield Place(f"table {name}", b"\n".join(map(_bytes, reader.fetchall())))


def _bytes(row: tuple[object, ...]) -> bytes:
    return b"|".join(
        bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row
    )


def sessions() -> Iterator[Place]:
    """What browsers' sessions hold, decoded."""
    from django.contrib.sessions.models import Session

    for row in Session.objects.all():
        yield Place("a session", repr(row.get_decoded()).encode())


def files(folder, *, database: bool) -> Iterator[Place]:
    """Every file of the installation: queue, logs, outside store; the embedded database too."""
    for path in folder.rglob("*"):
        if path.is_file() and (database or not path.name.startswith("lotbook.sqlite3")):
            yield Place(f"file {path.name}", path.read_bytes())


def exports(folder) -> Iterator[Place]:
    """A bundle of the whole trail: bodies, CSV, manifest, all of it unpacked."""
    bundle = folder / "all.zip"
    summary = export_bundle(bundle)
    assert summary.matches > 100
    with zipfile.ZipFile(bundle) as archive:
        assert [name for name in archive.namelist() if name.endswith(".csv")]
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".gz"):
                content = zlib.decompress(content, 47)
            yield Place(f"bundle {name}", content)


def enter(role: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(Account.objects.get(role=role))
    return client


def live(number: int, pseudonym: str) -> list[Place]:
    """What a laboratory does with one subject in its time, good and bad, page by page."""
    who, page = planted(number), f"/vault/{pseudonym}/"
    supervisor, qa, operator = enter("supervisor"), enter("qa_reviewer"), enter("operator")
    form = who | {"subject": pseudonym, "counted_from": LONG_AGO}
    kind = ("patient", "donor")[number % 2]
    supervisor.post(f"/vault/register/{kind}/", form | {"counted_from": who["birth_date"] + "x"})
    operator.post(f"/vault/register/{kind}/", form)
    assert supervisor.post(f"/vault/register/{kind}/", form).status_code == 302
    supervisor.post(f"/vault/register/{kind}/", form | {"subject": "s-" + "9" * 8})
    shown = {"purpose": "issuing", "reference": f"CT-{number:04d}"}
    assert who["given_name"] in operator.post(f"{page}show/", shown).content.decode()
    operator.post(f"{page}show/", {"purpose": "issuing", "reference": who["hospital_number"]})
    operator.post(f"{page}show/", {"purpose": who["family_name"], "reference": "for " + str(who)})
    supervisor.post(f"{page}ask/", {"reason": f"Is this {who['given_name']} {who['family_name']}?"})
    supervisor.post(f"{page}ask/", {"reason": "The ward asks"})
    wish = Unmasking.objects.get(subject=pseudonym).request
    qa.post(f"{page}{wish}/decline/", {"reason": f"{who['family_name']} is well known"})
    qa.post(f"{page}{wish}/grant/")
    assert who["birth_date"] in supervisor.post(f"{page}{wish}/see/").content.decode()
    supervisor.post(f"{page}correct/", {"phone": "+34 600", "reason": who["birth_date"] + " wrong"})
    supervisor.post(f"{page}correct/", {"phone": "+34 600", "reason": "Telephone added"})
    enter("data_protection_officer").post(
        f"{page}erase/", {"ground": who["family_name"], "reason": who["hospital_number"]}
    )
    looked = [page, f"/streams/subject/{pseudonym}/"]
    return [Place(at, supervisor.get(at).content) for at in looked]


def broken_pages(number: int, monkeypatch) -> Iterator[Place]:
    """Error pages while somebody's name is on its way: our fault, and no such address."""
    form = planted(number) | {"subject": "s-" + "8" * 8, "counted_from": LONG_AGO}
    form |= {"hospital_number": "MRN-1"}  # not known yet, so that it comes as far as the vault
    client = enter("supervisor")
    with monkeypatch.context() as patch:
        patch.setattr(vault, "seal", lambda *given: 1 // 0)
        response = client.post("/vault/register/patient/", form)
    assert response.status_code == 500
    yield Place("the page of a fault of ours", response.content)
    response = client.post("/vault/register/nobody/", form)
    assert response.status_code == 404
    yield Place("the page of a wrong address", response.content)
    response = Client(enforce_csrf_checks=True).post("/vault/register/patient/", form)
    assert response.status_code in (302, 403)
    yield Place("the page of a stranger", response.content)


def test_r21_two_hundred_planted_identifiers_are_nowhere_but_in_the_vault(
    database, fixed_clock, seal, tmp_path, monkeypatch, caplog
):
    """Given 50 people's 200 identifiers, registered, shown, unmasked, corrected and refused,

    when everything outside the vault is searched, then none of them is found; and when all have
    been erased, then the vault holds none either, and the ledger verifies.
    """
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.template").setLevel(logging.INFO)  # tells of each empty variable
    people.open_accounts()
    pseudonyms = [vault.new_pseudonym() for _number in range(SUBJECTS)]
    values = [value for number in range(SUBJECTS) for value in planted(number).values()]
    assert len(set(values)) == 200
    places = [place for n, name in enumerate(pseudonyms) for place in live(n, name)]
    places += broken_pages(0, monkeypatch)
    seal()

    enter("supervisor").get("/trail/")
    places += [*tables(), *sessions(), *exports(tmp_path), Place("the log", _log(caplog))]
    places += files(database.state, database=True)
    assert len(places) > 150
    assert found(places, values) == []
    sealed = [place for place in tables(vaults=True) if place.name.split()[1] in VAULT]
    assert sum(len(place.content) for place in sealed) > 50 * 256
    assert found(sealed, values) == [], "sealed, so not even there in the clear"

    officer = enter("data_protection_officer")
    ask = {"ground": "gdpr-17-1-a", "reason": "The thirty years are over"}
    for pseudonym in pseudonyms:
        assert officer.post(f"/vault/{pseudonym}/erase/", ask).status_code == 302
    seal()
    assert [vault.opened(pseudonym) for pseudonym in pseudonyms] == [{}] * SUBJECTS
    assert not _rows("personnel_sealedrecord") and not _rows("personnel_subjectkey")
    verified = database.manage("verify_ledger")
    assert "verified" in verified.stdout.lower()


def _rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _log(caplog) -> bytes:
    formatter = logging.Formatter("%(message)s")
    lines = [formatter.format(record) for record in caplog.records]
    assert lines, "something was logged, or the search of the log would prove nothing"
    return "\n".join(lines).encode()


def test_r21_the_search_finds_what_is_there():
    """Given places that hold a value plainly, encoded and hashed, then each is found."""
    value = "Kunegunda Zwierzyński"
    plain = value.encode()
    hidden = [
        plain,
        base64.b64encode(b"name=" + plain + b";"),
        plain.hex().encode(),
        hashlib.sha256(plain).digest(),
        b"sha512:" + hashlib.sha512(plain).hexdigest().encode() + b" ",
        quote(value).encode(),
        value.upper().encode(),
    ]
    places = [Place(str(number), b"..." + each + b"...") for number, each in enumerate(hidden)]
    assert len(found(places, [value])) == len(hidden)
    assert found([Place("clean", b"s-22222222 H 4711")], [value]) == []


def test_r21_an_erased_key_leaves_no_bytes_in_the_embedded_file(sqlite_database, fixed_clock):
    """Given an erased subject, then its wrapped key stands nowhere in the file any more."""
    from personnel import vault_commands
    from personnel.models import SubjectKey

    people.open_accounts()
    people.register(counted_from=LONG_AGO)
    wrapped = bytes(SubjectKey.objects.get().wrapped)
    ask = {"subject": "s-22222222", "ground": "gdpr-17-1-a", "reason": "Over"}
    assert _on_disk(sqlite_database, wrapped), "it is there, or its absence would prove nothing"
    vault_commands.erase(**ask, actor=people.OFFICER)
    assert not _on_disk(sqlite_database, wrapped)


def _on_disk(database, needle: bytes) -> bool:
    connections.close_all()
    direct = sqlite3.connect(database.name)
    direct.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    direct.close()
    return any(needle in place.content for place in files(database.state, database=True))
