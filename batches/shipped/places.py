"""The rooms and the classes of equipment that the shipped records ask for. Pure.

`needs` of a parameter and `room` of an operation are these keys. A unit class is one of the
register's; where a site has two units of a class, any qualified one will do.
"""

from __future__ import annotations

from batches.recipe_content import EquipmentNeed, RoomNeed

RECEIPT, CLOSED, ASEPTIC, CRYO, LABORATORY = "receipt", "closed", "aseptic", "cryo", "laboratory"

ROOMS = {
    room.key: room
    for room in (
        RoomNeed(key=RECEIPT, title="Preparation and receipt", grade="D"),
        RoomNeed(key=CLOSED, title="Clean room for closed devices", grade="C"),
        RoomNeed(key=ASEPTIC, title="Aseptic room", grade="B", open_handling=True),
        RoomNeed(key=CRYO, title="Cryostore", grade="CNC"),
        RoomNeed(key=LABORATORY, title="In-process laboratory", grade="CNC"),
    )
}

EQUIPMENT = {
    need.key: need
    for need in (
        EquipmentNeed(
            key="device", unit_class="closed_processing_device", title="Closed processing device"
        ),
        EquipmentNeed(key="cabinet", unit_class="safety_cabinet", title="Safety cabinet, grade A"),
        EquipmentNeed(key="welder", unit_class="tube_sealer", title="Tubing welder and sealer"),
        EquipmentNeed(key="thawer", unit_class="thawing_device", title="Dry thawing device"),
        EquipmentNeed(key="counter", unit_class="cell_counter", title="Cell counter"),
        EquipmentNeed(key="cytometer", unit_class="flow_cytometer", title="Flow cytometer"),
        EquipmentNeed(key="balance", unit_class="balance", title="Balance"),
        EquipmentNeed(key="incubator", unit_class="incubator", title="CO₂ incubator"),
        EquipmentNeed(key="centrifuge", unit_class="centrifuge", title="Centrifuge"),
        EquipmentNeed(key="microscope", unit_class="microscope", title="Inverted microscope"),
        EquipmentNeed(key="particles", unit_class="particle_counter", title="Particle counter"),
        EquipmentNeed(key="fridge", unit_class="refrigerator", title="Refrigerator, 2 to 8 °C"),
        EquipmentNeed(
            key="cooler", unit_class="controlled_rate_freezer", title="Controlled-rate freezer"
        ),
        EquipmentNeed(key="tank", unit_class="cryogenic_tank", title="Vapour-phase tank"),
    )
}


def rooms(*keys: str) -> list[RoomNeed]:
    return [ROOMS[key] for key in keys]


def equipment(*keys: str) -> list[EquipmentNeed]:
    return [EQUIPMENT[key] for key in keys]
