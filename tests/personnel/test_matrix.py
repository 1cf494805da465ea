"""R3, P11-10g: who may ask for what. One test a cell; whatever is not in the table is denied.

matrix.txt is the specification: a line a command, `command: role role`. A new command is written
there by whoever adds it, and looked at in review.
"""

from pathlib import Path

import pytest

from ledger.command import commands
from ledger.event import Actor, Refused
from personnel import authority
from personnel.roles import CONSOLE, DOOR, INSPECTOR, ROLES, SYSTEM_ADMINISTRATOR

LINES = (Path(__file__).parent / "matrix.txt").read_text("utf-8").splitlines()
MATRIX = {
    name: frozenset(roles.split())
    for name, roles in (line.split(":", 1) for line in LINES if line and line[0] != "#")
}
ACTORS = (*ROLES, CONSOLE, DOOR)
CELLS = [(name, role) for name in MATRIX for role in ACTORS]
# What a guest may do: come and go, choose the own password, and take a copy along.
GUESTS = {
    "batches.check_print",
    "batches.export_recall_list",
    "batches.print_record",
    "ledger.export_trail",
    "ledger.verify_bundle",
    "personnel.choose_password",
    "personnel.lock_session",
    "personnel.sign_in",
    "personnel.sign_out",
    "personnel.take_role",
    "personnel.unlock_session",
}


def test_r3_the_matrix_names_every_command_and_none_that_is_gone():
    known = {name for name in commands() if not name.startswith("trial.")}
    assert known == set(MATRIX)
    assert set().union(*MATRIX.values()) <= set(ACTORS)


@pytest.mark.parametrize(("name", "role"), CELLS, ids=lambda value: str(value))
def test_r3_a_role_may_ask_for_a_command_or_is_refused(name, role, monkeypatch):
    """Given somebody who holds the role, when the command is asked, then as the table says."""
    monkeypatch.setattr(authority, "holds", lambda *_args, **_more: True)
    actor = Actor(person="p-22222", role=role, terminal="t-test2")
    judge, spec = authority.AccountAuthority(), commands()[name]
    if role in MATRIX[name]:
        judge.allow(actor, spec, None)
        return
    with pytest.raises(Refused) as no:
        judge.allow(actor, spec, None)
    assert no.value.code == "wrong_role"


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_r3_a_role_that_is_not_held_gives_nothing(name, monkeypatch):
    monkeypatch.setattr(authority, "holds", lambda *_args, **_more: False)
    for role in MATRIX[name] - {CONSOLE, DOOR}:
        actor = Actor(person="p-22222", role=role, terminal="t-test2")
        with pytest.raises(Refused) as no:
            authority.AccountAuthority().allow(actor, commands()[name], None)
        assert no.value.code == "no_account"


def test_r3_an_inspector_may_ask_for_nothing_that_changes_a_record():
    assert {name for name, roles in MATRIX.items() if INSPECTOR in roles} == GUESTS


def test_an_administrator_signs_nothing():
    """Segregation of duties: what is signed is GMP, and the administrator holds no part in it."""
    signed = {name for name, spec in commands().items() if spec.meaning is not None}
    assert not {name for name in signed if SYSTEM_ADMINISTRATOR in MATRIX.get(name, ())}
