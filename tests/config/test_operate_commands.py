"""The pages' command lines, units and proxy settings are such as the programs concerned accept."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from config.workbench import COMMANDS
from ledger.forms import LARGEST_BUNDLE
from tests.databases import ROOT

PAGES = ("docs/operate.md", "docs/add-an-event.md", "docs/trust.md", "README.md")
OPERATE = (ROOT / "docs" / "operate.md").read_text("utf-8")
# `manage.py X ...` in a line of its own, or `lotbook USER FILES X ...`, which the page defines.
COMMAND = re.compile(r"(?:^|python3? |bin/python )manage\.py |^lotbook [a-z-]+ [a-z,]+ ")
UNIT = re.compile(
    r"`/etc/systemd/system/(lotbook-[a-z]+@?\.[a-z]+)`.*\n(?:\S.*\n)*\n((?:    .*\n|\n(?=    \[))+)"
)


def code(page: str) -> Iterator[str]:
    """The indented lines of a page, continued ones joined, without shell comments."""
    text = (ROOT / page).read_text("utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.startswith("    "):
            yield line.strip()


def commands() -> list[tuple[str, str]]:
    """Every command line of the pages that goes to manage.py, from the command's name on."""
    found = []
    for page in PAGES:
        for line in code(page):
            if '"$@"' not in line and (start := COMMAND.search(line)):
                found.append((page, line[start.end() :]))
    return found


@pytest.mark.parametrize(("page", "line"), commands())
def test_a_command_line_of_the_pages_is_accepted(page: str, line: str) -> None:
    """Given a line that somebody will copy at night, then its command knows every word of it."""
    if line.count("'") % 2:  # the end of a `sh -c '...'`
        line = re.sub(r"\$\(.*?\)", "now", line.rstrip("'"))
    name, *arguments = shlex.split(line, comments=True)
    if name in {"demo", *COMMANDS}:
        return
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)


def test_the_pages_lines_are_found() -> None:
    names = {line.split()[0] for _page, line in commands()}
    assert {"migrate", "changepassword", "open_account", "verify_ledger", "backup_ledger"} <= names
    assert {"event_catalogue", "shell", "run_sealer", "run_witness", "install"} <= names


def units() -> dict[str, str]:
    """The systemd units that the page writes out, by name."""
    return {
        name: "\n".join(line[4:] for line in text.splitlines())
        for name, text in UNIT.findall(OPERATE)
    }


def test_the_page_writes_out_the_units_it_enables() -> None:
    """Given the units that are enabled, then each is written out, or is `the same with` another."""
    enabled = set(re.findall(r"lotbook-[a-z]+\.\w+", " ".join(re.findall(r"enable .*", OPERATE))))
    alike = {"lotbook-worker.service", "lotbook-beat.service", "lotbook-check.timer"}
    assert {name for name, text in units().items() if "[Install]" in text} == enabled - alike
    assert "systemctl daemon-reload" in OPERATE


@pytest.mark.parametrize("name", sorted(units()))
def test_a_unit_comes_back_or_calls_for_help(name: str) -> None:
    """Given a database that is away for an hour, then what must run is tried until it is back;
    given a check that fails, then somebody hears of it."""
    text = units()[name]
    assert text.startswith("[Unit]\nDescription=")
    if name.endswith(".timer"):
        assert "OnCalendar=" in text and "Persistent=true" in text
        assert name.replace(".timer", ".service") in units()
    elif "Restart=always" in text:
        assert "RestartSec=2" in text
        assert "StartLimitIntervalSec=0" in text.partition("[Service]")[0]
    elif "@" not in name:
        assert "OnFailure=lotbook-alarm@%n.service" in text.partition("[Service]")[0]


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed here.")
    for name, text in units().items():
        runnable = text.replace("/opt/lotbook/.venv/bin/python", sys.executable)
        (tmp_path / name).write_text(runnable)
    paths = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True)
    assert str(tmp_path) not in done.stderr and "lotbook-" not in done.stderr, done.stderr


def test_the_proxy_lets_a_bundle_through_and_slows_down_who_tries_passwords() -> None:
    sizes = re.findall(r"client_max_body_size (\d+)m;", OPERATE)
    assert max(int(size) for size in sizes) * 1024 * 1024 >= LARGEST_BUNDLE
    assert "proxy_read_timeout 600s;" in OPERATE
    assert "limit_req zone=lotbook_door" in OPERATE


@pytest.mark.parametrize("name", ["", "figures", "nothing"])
def test_a_benchmark_that_is_none_is_answered_with_those_that_are(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert COMMANDS["bench"]([name] if name else []) == 2
    names = "bundle|crash|drill|ledger|pages|print|replay|sequences|shopfloor"
    assert f"bench {names} [--quick]" in capsys.readouterr().out
