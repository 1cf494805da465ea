"""R21: what was erased stays closed, even to somebody with the vault's key from before."""

import re
from collections.abc import Iterator
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.test import Client

from personnel import vault, vault_commands
from personnel.models import Account, SubjectKey
from tests.personnel import canary_places as places_of
from tests.personnel import vault_people as people

LONG_AGO = "1996-01-15"  # the thirty years are over
WRAPPED, NAME, STEPS = 60, 16, 600
SUBJECT = "s-22222222"
ERASE = {"subject": SUBJECT, "ground": "gdpr-17-1-a", "reason": "The thirty years are over"}


def near(content: bytes) -> Iterator[bytes]:
    """All that could be a wrapped key: the bytes after each mention of the subject, and every
    hexadecimal text of that length, as a dump writes them."""
    for place in re.finditer(SUBJECT.encode(), content):
        for start in range(max(0, place.start() - STEPS), place.end() + STEPS):
            yield content[start : start + WRAPPED]
    for text in re.findall(rb"[0-9a-f]{120}", content):
        yield bytes.fromhex(text.decode())


def keys_in(content: bytes, vault_key: bytes) -> set[bytes]:
    """The subject's own key, as somebody gets it who holds the vault's key and these bytes."""
    found, about = set(), f"lotbook vault 1 key {SUBJECT}".encode()
    for each in near(content):
        try:
            found.add(AESGCM(vault_key).decrypt(each[:12], each[12:], about))
        except (InvalidTag, ValueError):
            continue
    return found


def test_r21_after_erasure_the_vaults_key_and_a_dump_open_nothing(database, fixed_clock):
    """Given an attacker with the vault's key and a dump of everything, when a subject was erased
    in between, then the first dump opens its record and the second nothing."""
    people.open_accounts()
    people.register(counted_from=LONG_AGO)
    (vault_key,) = vault.vault_keys()
    before = b"\n".join(place.content for place in places_of.dump(database))
    assert len(keys_in(before, vault_key)) == 1, "the attack works, or it would prove nothing"

    vault_commands.erase(**ERASE, actor=people.OFFICER)

    after = b"\n".join(place.content for place in places_of.dump(database))
    assert SUBJECT.encode() in after, "the trail still tells of the pseudonym"
    assert keys_in(after, vault_key) == set()
    assert vault.opened(SUBJECT) == {}


def test_r21_an_erased_key_leaves_no_bytes_in_the_embedded_files(sqlite_database, fixed_clock):
    """Given an erased subject, then its wrapped key stands neither in the file, nor in its free
    pages, nor in its write-ahead log: from the moment of the answer, without any cleaning."""
    people.open_accounts()
    people.register(counted_from=LONG_AGO)
    wrapped = bytes(SubjectKey.objects.get().wrapped)
    assert written(sqlite_database, wrapped), "it is there, or its absence would prove nothing"
    vault_commands.erase(**ERASE, actor=people.OFFICER)
    assert written(sqlite_database, wrapped) == []


def written(database, needle: bytes) -> list[str]:
    """The files that hold these bytes, while the connection is still open."""
    return [p.name for p in places_of.files(database.state, database=True) if needle in p.content]


def test_r21_erasure_before_its_day_is_refused_with_its_basis(database, fixed_clock):
    """Given a record that must be kept, when erasing it is asked on the page, then the no names
    the day and the law, everything opens as before, and the refusal is on the trail."""
    people.open_accounts()
    people.register(counted_from="2027-01-31")
    officer = Client()
    officer.force_login(Account.objects.get(role="data_protection_officer"))
    asked = {"ground": "gdpr-17-1-b", "reason": "Consent withdrawn by letter"}
    page = officer.post(f"/vault/{SUBJECT}/erase/", asked)
    assert page.status_code == 422
    text = page.content.decode()
    assert "2057-01-31" in text and "Regulation (EC) 1394/2007, Article 15" in text
    assert "Article 17(3)(b)" in text
    assert vault.opened(SUBJECT)["family_name"] == people.ANA["family_name"]
    trail = officer.get(f"/streams/subject/{SUBJECT}/").content.decode()
    assert "Consent withdrawn by letter" in trail


def test_r21_no_process_but_the_webs_is_given_the_vaults_key(database, fixed_clock, seal):
    """Given a sealed subject and an environment without the key, when the other processes do
    their work, then none of them misses it; and what opens a subject says that it is missing."""
    people.open_accounts()
    people.register()
    seal()
    env = {name: text for name, text in database.env.items() if name != "LOTBOOK_VAULT_KEY"}
    without = replace(database, env=env)
    assert "verified" in without.manage("verify_ledger").stdout.lower()
    without.manage("rebuild", "--check")
    work = "from ledger.tasks import run_followers, clean_bundles; run_followers(); clean_bundles()"
    without.manage("shell", "--no-imports", "-c", work)
    look = f"from personnel import vault; vault.opened({SUBJECT!r})"
    refused = without.manage("shell", "--no-imports", "-c", look, check=False)
    assert refused.returncode and "The vault has no key here" in refused.stderr
