"""The settings: what a site may write, and what stops the start before it does harm."""

import re
from pathlib import Path
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured

from ledger import keys
from tests import databases
from tests.databases import ROOT

ORIGIN = "lotbook.hospital.example"


def read(tmp_path: Path, **variables: str) -> ModuleType:
    """The settings as a process with these variables would read them."""
    file = databases.sqlite_environ(tmp_path / "lotbook.sqlite3")
    env = databases.environ(tmp_path, origin=ORIGIN, database=file)
    return databases.settings_for(env | variables)


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_value_in_a_dotenv_file_may_stand_in_quotes(tmp_path: Path, quote: str) -> None:
    """Given the witness as the page on operating writes it, then .env reads it as a shell does."""
    vkey = keys.generate("witness.partner.example").vkey
    pair = f"{vkey} https://witness.partner.example"
    (tmp_path / "site.env").write_text(f"LOTBOOK_WITNESSES={quote}{pair}{quote}\n")
    settings = read(tmp_path, LOTBOOK_DOTENV=str(tmp_path / "site.env"))
    assert pair == settings.LOTBOOK_WITNESSES


def test_a_quote_inside_a_value_is_kept(tmp_path: Path) -> None:
    (tmp_path / "site.env").write_text("LOTBOOK_TIME_ZONE='Europe/Madrid'\nSECRET_KEY=it's\n")
    env = {"LOTBOOK_DOTENV": str(tmp_path / "site.env")}
    database = databases.sqlite_environ(tmp_path / "lotbook.sqlite3")
    given = databases.environ(tmp_path, origin=ORIGIN, database=database)
    del given["SECRET_KEY"]
    settings = databases.settings_for(given | env)
    assert (settings.SECRET_KEY, settings.TIME_ZONE) == ("it's", "Europe/Madrid")


@pytest.mark.parametrize("origin", ["Hospital X", "hospital+x.example", "", "x" * 198, "a\tb"])
def test_an_origin_that_no_checkpoint_could_bear_stops_the_start(
    tmp_path: Path, origin: str
) -> None:
    """Given a bad name for the log, when anything is started, then it stops and says so: after
    `migrate` the name would stand in the first entry for ever."""
    with pytest.raises(ImproperlyConfigured, match="LOTBOOK_ORIGIN"):
        read(tmp_path, LOTBOOK_ORIGIN=origin)


def test_the_longest_origin_still_fits_with_its_epoch(tmp_path: Path) -> None:
    assert len(read(tmp_path, LOTBOOK_ORIGIN="x" * 197).LOTBOOK_ORIGIN) == 197


@pytest.mark.parametrize("text", ["https://witness.example", "x+1+2 https://w.example", "vkey"])
def test_witnesses_that_cannot_be_read_stop_the_start(tmp_path: Path, text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="LOTBOOK_WITNESSES"):
        read(tmp_path, LOTBOOK_WITNESSES=text)


def test_unreleased_work_does_not_bear_a_released_number(tmp_path: Path) -> None:
    """Given the changelog's newest heading, then it is the version that stands in every body, and
    no other heading has it."""
    headings = re.findall(r"(?m)^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    version = read(tmp_path).VERSION
    assert version == headings[0]
    assert version not in headings[1:]
    assert not [heading for heading in headings[1:] if heading.endswith(".dev")]


def test_only_languages_with_a_catalogue_are_offered(tmp_path: Path) -> None:
    settings = read(tmp_path)
    for code, _name in settings.LANGUAGES:
        catalogue = ROOT / "locale" / code / "LC_MESSAGES" / "django.mo"
        assert code == settings.LANGUAGE_CODE or catalogue.exists(), code
