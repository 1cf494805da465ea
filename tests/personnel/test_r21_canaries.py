"""R21: 200 names and identifiers are planted; outside the vault none is found, in any disguise."""

import base64
import hashlib
import logging
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from django.db import connection
from django.test import Client

from personnel import vault
from personnel.models import Account, Unmasking
from tests.personnel import canary_places as places_of
from tests.personnel import vault_people as people
from tests.personnel.canary_places import VAULT, Place, tables

SUBJECTS = 50
LONG_AGO = "1996-01-15"  # the thirty years are over
HEXADECIMAL = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32,128}(?![0-9a-f])")
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


def enter(role: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(Account.objects.get(role=role))
    return client


def live(number: int, pseudonym: str) -> list[Place]:
    """What a laboratory does with one subject in its time, good and bad, page by page."""
    who, page = planted(number), f"/vault/{pseudonym}/"
    supervisor, operator = enter("supervisor"), enter("operator")
    form = who | {"subject": pseudonym, "counted_from": LONG_AGO}
    kind = ("patient", "donor")[number % 2]
    operator.post(f"/vault/register/{kind}/", form)
    assert supervisor.post(f"/vault/register/{kind}/", form).status_code == 302
    shown = {"purpose": "issuing", "reference": f"CT-{number:04d}"}
    assert who["given_name"] in operator.post(f"{page}show/", shown).content.decode()
    operator.post(f"{page}show/", {"purpose": "issuing", "reference": who["hospital_number"]})
    supervisor.post(f"{page}correct/", {"phone": "+34 600", "reason": who["birth_date"] + " wrong"})
    if number % 5 == 0:
        live_long(number, pseudonym, supervisor, operator)
    looked = [page, f"/streams/subject/{pseudonym}/"]
    return [Place(at, supervisor.get(at).content) for at in looked]


def live_long(number: int, pseudonym: str, supervisor: Client, operator: Client) -> None:
    """What happens to some: asked about, unmasked, looked up, copied, and named where they may
    not be."""
    who, page = planted(number), f"/vault/{pseudonym}/"
    form = who | {"subject": pseudonym, "counted_from": LONG_AGO}
    kind = ("patient", "donor")[number % 2]
    qa, officer = enter("qa_reviewer"), enter("data_protection_officer")
    supervisor.post(f"/vault/register/{kind}/", form | {"counted_from": who["birth_date"] + "x"})
    supervisor.post(f"/vault/register/{kind}/", form | {"subject": "s-" + "9" * 8})
    operator.post(f"{page}show/", {"purpose": who["family_name"], "reference": "for " + str(who)})
    supervisor.post(f"{page}ask/", {"reason": f"Is this {who['given_name']} {who['family_name']}?"})
    found = {"kind": kind, "number": who["hospital_number"], "purpose": "request"}
    assert officer.post("/vault/find/", found | {"reference": "DSR-7"}).status_code == 302
    officer.post("/vault/find/", found | {"reference": who["hospital_number"]})
    officer.post("/vault/find/", found | {"number": who["family_name"], "reference": "DSR-8"})
    officer.post(f"{page}ask/", {"reason": "The person asks for a copy"})
    wish = Unmasking.objects.get(subject=pseudonym).request
    qa.post(f"{page}{wish}/decline/", {"reason": f"{who['family_name']} is well known"})
    qa.post(f"{page}{wish}/grant/")
    assert who["birth_date"] in officer.post(f"{page}{wish}/see/").content.decode()
    assert who["birth_date"] in officer.post(f"{page}{wish}/copy/").content.decode()
    supervisor.post(f"{page}correct/", {"phone": "+34 600", "reason": "Telephone added"})
    officer.post(f"{page}erase/", {"ground": who["family_name"], "reason": who["hospital_number"]})


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
    with monkeypatch.context() as patch:
        patch.setattr(vault, "seal", _says_all)
        response = client.post("/vault/register/patient/", form)
    assert response.status_code == 500
    yield Place("the page of a fault that quotes what was typed", response.content)
    response = client.post("/vault/register/nobody/", form)
    assert response.status_code == 404
    yield Place("the page of a wrong address", response.content)
    response = Client(enforce_csrf_checks=True).post("/vault/register/patient/", form)
    assert response.status_code in (302, 403)
    yield Place("the page of a stranger", response.content)


def _says_all(*given: object) -> None:
    raise ValueError(f"There is something in {given} that cannot be read.")


def test_r21_two_hundred_planted_identifiers_are_nowhere_but_in_the_vault(
    database, fixed_clock, seal, tmp_path, monkeypatch, caplog, redis_url
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
    places += [*tables(), *places_of.sessions(), *places_of.exports(tmp_path)]
    places += [*places_of.dump(database), places_of.log(caplog)]
    places += places_of.queue(database, tmp_path, redis_url)
    assert len(places) > 150
    assert any("VaultFault" in record.exc_text for record in caplog.records if record.exc_text)
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
