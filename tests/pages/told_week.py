"""The demo's week as the ground of a walk: people of every role, units, batches, vault, training.

It is told once in a session and copied for each test, because telling it takes its time.
"""

import shutil
from pathlib import Path
from typing import Any

from tests.databases import Database, Templates, locked

# What stands in the places of the addresses: by place, by room and place, or by page and place.
SAMPLES = {
    "number": "CF-02",
    "unit": "CF-02",
    "entry": "1",
    "int": "1",
    "stream_type": "equipment",
    "stream_id": "CF-02",
    "batches:number": "CT-0422",
    "batches:recipe number": "MBR-001",
    "version": "1",
    "step": "7",
    "key": "bath",
    "batches:correct step": "2",
    "batches:explain step": "2",
    "hold": "1",
    "exception": "1",
    "subject": "s-K4T7W2Q9",
    "kind": "patient",
    "pseudonym": "p-7f3k2",
    "person": "p-7f3k2",
    "personnel:act name": "close",
    "terminal": "t-k4r2m",
    "app_label": "equipment",
    "batches:order": "ORD-2026-003",
    "batches:collection": "ORD-2026-003-C1",
    "batches:item": "CT-0421-S01",
    "batches:fill batch": "CT-0421",
    "batches:set_dose batch": "CT-0421",
    "batches:fill_containers batch": "CT-0421",
    "batches:record_freezing batch": "CT-0421",
    "batches:record_waste batch": "CT-0421",
    "batches:container": "CT-0421-P01",
    "batches:tank": "LN2-1",
    "batches:sample": "CT-0421-S01",
    "batches:do doing": "comment",
    "batches:run doing": "offer",
    "batches:do_lot number": "L-000001",
    "batches:do_lot doing": "open",
    "batches:lot number": "L-000001",
    "batches:lot_label number": "L-000001",
    "batches:lot_symbol number": "L-000001",
    "batches:witness_destruction number": "L-000001",
    "batches:item number": "MED-130",
    "batches:add_source number": "MED-130",
    "batches:change_minimum number": "MED-130",
    "batches:withdraw_source number": "MED-130",
    "batches:withdraw_source supplier": "SUP-014",
    "batches:approve_supplier number": "SUP-014",
    "batches:suspend_supplier number": "SUP-014",
    "batches:edit_recipe number": "MBR-019",
    "batches:edit_recipe_act number": "MBR-019",
    "batches:export_recipe number": "MBR-019",
    "batches:recipe_difference number": "MBR-019",
    "batches:recipe_difference other": "1",
    "batches:recipe_dry_run number": "MBR-019",
    "batches:recipe_library number": "MBR-019",
    "batches:recipe_picture number": "MBR-019",
    "batches:recipe_picture digest": 64 * "0",
    "batches:recipe_versions number": "MBR-019",
    "batches:withdraw_recipe number": "MBR-019",
    "batches_api:api_batches_collections_one key": "ORD-2026-003-C1",
    "batches_api:api_batches_containers_one key": "CT-0421-P01",
    "batches_api:api_batches_items_one key": "MED-130",
    "batches_api:api_batches_lots_one key": "L-000001",
    "batches_api:api_batches_one key": "CT-0422",
    "batches_api:api_batches_orders_one key": "ORD-2026-003",
    "batches_api:api_batches_recipes_one key": "MBR-019.1",
    "batches_api:api_batches_suppliers_one key": "SUP-014",
    "batches_api:api_record batch": "CT-0422",
    "equipment:room number": "C-101",
    "equipment:room_act number": "C-101",
    "equipment:room_act what": "clean",
    "equipment:place_act number": "B-102",
    "equipment:place_act workstation": "WS-1",
    "equipment:place_act what": "claim",
    "equipment:unit_act what": "qualify",
    "equipment_api:api_equipment_rooms_one key": "C-101",
    "equipment_api:api_equipment_units_one key": "CF-02",
    "equipment_api:api_equipment_workstations_one key": "WS-1",
}


def lay_out(database: Database, templates: Templates) -> dict[str, Any]:
    """Put the told week in the place of a test's empty database. Says its samples."""
    from django.db import connections

    told = templates.base / "told-week.sqlite3"
    with locked(templates.base / "told-week.lock"):
        connections.close_all()
        if told.exists():
            shutil.copyfile(told, database.name)
        else:
            _tell(Path(database.name), told)
    return SAMPLES | _found()


def _tell(file: Path, told: Path) -> None:
    from django.db import connection, connections

    from config import demo_history

    demo_history.tell()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()
    shutil.copyfile(file, told.with_suffix(".half"))
    told.with_suffix(".half").rename(told)


def _found() -> dict[str, str]:
    """What the week gave names that nobody could foresee."""
    from batches.models import RecipeLine
    from ledger.models import Event
    from personnel.models import TrainingItem, TrainingRecord, Unmasking

    recipe, trained = RecipeLine.objects.first(), TrainingRecord.objects.first()
    entry = Event.objects.filter(type="equipment.logbook_entry_made").earliest("recorded_at")
    assert recipe and trained
    return {
        "uuid": str(entry.id),
        "batches:recipe number": str(recipe.recipe),
        "item": str(TrainingItem.objects.earliest("item").item),
        "request_id": str(Unmasking.objects.earliest("request").request),
        "personnel:training_revoke person": str(trained.person),
        "personnel:training_revoke item": str(trained.item),
        "personnel:training_revoke version": str(trained.version),
    }
