"""R2: with every right over the database, nothing that is sealed can be changed unnoticed."""

from pathlib import Path
from typing import Any

import pytest

from tests.databases import Database
from tests.ledger import laboratory
from tests.ledger.attacks.attacker import Row
from tests.ledger.attacks.detectors import AUDIT, BUNDLE, DETECTORS, Outcome, carry_out, look
from tests.ledger.attacks.kind import attacks
from tests.ledger.attacks.scene import Scene, build


@pytest.mark.tampers
def test_r2_every_attack_on_what_is_sealed_is_found_and_its_place_named(
    database: Database,
) -> None:
    """Given a sealed log, when somebody with full rights over the database (and over the outside
    store, where the attack says so) alters it in any of these ways, then it is found and the audit
    names the first bad position."""
    scene = build(database)
    assert look(scene).findings == [], "the scene itself is not in order"
    with laboratory.by_roles_alone():
        outcomes = [carry_out(scene, attack) for attack in attacks()]
    matrix = drawn(database.vendor, outcomes)
    print(matrix)
    faults = [fault for outcome in outcomes for fault in outcome.faults()]
    assert len({outcome.attack.group for outcome in outcomes}) >= 16
    assert not faults, "\n".join([*faults, matrix])
    scene.restore()
    assert look(scene).findings == []


def drawn(vendor: str, outcomes: list[Outcome]) -> str:
    """The matrix: attack by detector, and the first bad place that the audit names."""
    lines = [f"\n{vendor}: {len(outcomes)} attacks"]
    lines.append(f"{'attack':66}" + "".join(f"{name:15}" for name in DETECTORS) + "first named")
    for one in outcomes:
        words = dict.fromkeys(DETECTORS, "refused") | {BUNDLE: "found", AUDIT: "found"}
        cells = (words[name] if one.said.get(name) else "-" for name in DETECTORS)
        place = ""
        if one.first is not None:
            place = one.first.row if one.first.position < 0 else f"position {one.first.position}"
        row = "".join(f"{cell:15}" for cell in cells)
        lines.append(f"{one.attack.name:66}{row}{place}")
    return "\n".join(lines)


# What a changed column may leave unsaid, and why.
WITHOUT_MEANING = {
    ("ledger_pending", "seq"): "only the order in which what is not sealed yet will be placed",
    ("ledger_cursor", "stopped"): "a note to people; where a follower stands is checked",
}


@pytest.mark.tampers
def test_r2_a_flipped_bit_in_any_column_of_any_ledger_table_is_found(
    database: Database, settings: Any, tmp_path: Path
) -> None:
    """Given a sealed log, when one bit is flipped in one column of one row, for each column of
    each table that the database's own catalogue lists, then the audit finds it; where the row
    belongs to an entry, the first position named is that entry's."""
    settings.LOTBOOK_TSA_CERTIFICATES = str(tmp_path / "root.pem")
    scene = build(database, authority=tmp_path)
    assert look(scene).findings == []
    flips, faults = 0, []
    for table in scene.attacker.tables():
        rows = scene.attacker.rows(table)
        assert rows, f"{table} is empty: its columns were not tried"
        for column in scene.attacker.columns(table):
            fault = flipped(scene, table, column)
            faults += [fault] if fault else []
            flips += 1
            scene.restore()
    print(f"\n{database.vendor}: {flips} columns, one flipped bit each, {len(faults)} unfound")
    assert not faults, "\n".join(faults)
    assert flips > 50


def row_to_flip(scene: Scene, table: str) -> Row:
    """The victim's own row where the table has one, else the table's first."""
    rows = scene.attacker.rows(table)
    event_id = scene.attacker.log_row(scene.victim)["event_id"]
    own = [row for row in rows if event_id in (row.get("event_id"), row.get("id"))]
    return (own or rows)[0]


def flipped(scene: Scene, table: str, column: str) -> str:
    """Flip one bit; what is wrong with what the audit says of it."""
    a = scene.attacker
    row = row_to_flip(scene, table)
    place = a.position_of(table, row)
    with a.guards_down():
        a.flip(table, row, column)
    first = look(scene).first()
    if (table, column) in WITHOUT_MEANING:
        return ""
    if first is None:
        return f"{table}.{column}: not found"
    if place is not None and first.position != place:
        return f"{table}.{column}: position {place} was to be named first, not {first}"
    return ""


@pytest.mark.tampers
def test_r2_what_is_not_sealed_yet_is_all_that_can_be_changed_unnoticed(
    database: Database,
) -> None:
    """The limit, shown so that nobody forgets it: given an event that no checkpoint covers yet (a
    tenth of a second in practice), when its body and its row are altered together, then nobody
    finds it; the same alteration of a sealed event is found."""
    scene = build(database)
    a = scene.attacker
    for words, found in ((b"Not sealed yet", False), (b"Rotor cleaned on Tuesday", True)):
        scene.restore()
        event = next(row for row in a.rows("ledger_event") if words in row["body"])
        body = event["body"].replace(words, b"Something else")
        with a.guards_down():
            a.change("ledger_event", {"id": event["id"]}, body=body)
            text = body[body.index(b"Something else") :].split(b'"')[0].decode()
            a.change("equipment_logbook", {"event_id": event["id"]}, new=text)
        assert bool(look(scene).findings) is found
