"""What waits in the equipment room, as the home page asks for it."""

from equipment import commands
from personnel import waiting
from tests.equipment.conftest import person


def rows(role: str) -> list[tuple[str, str]]:
    found = waiting.rows_for(person(role))
    return [(row.sentence, row.address) for row in found if row.address.startswith("/equipment")]


def test_a_stopped_unit_waits_for_maintenance_and_for_who_returns_it(centrifuge):
    """Given a unit that is taken out of service, then it waits until it is returned, and not for
    those who can neither mend nor return it."""
    assert rows("maintenance") == rows("supervisor") == []
    commands.take_out_of_service(
        unit=centrifuge, reason="Imbalance alarm", actor=person("supervisor")
    )
    waits = [("Cell centrifuge in Room 2 is out of service.", "/equipment/CF-02/")]
    assert rows("maintenance") == rows("supervisor") == rows("qa_reviewer") == waits
    assert rows("operator") == rows("inspector") == []
    commands.return_to_service(
        unit=centrifuge, reason="Mended and tested", actor=person("supervisor")
    )
    assert rows("maintenance") == rows("supervisor") == []
