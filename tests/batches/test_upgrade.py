"""A facility that comes from the first batch records of Lotbook keeps them, and gets the rest."""

from batches.models import BatchLine
from batches.order_models import OrderLine
from ledger import rebuild
from tests.batches import conftest, ordering
from tests.databases import Database


def test_an_installation_from_the_first_records_is_migrated_and_rebuilt(
    database: Database, batch: str
) -> None:
    """Given the tables as they first were, when migrated and rebuilt, then rows stand as told."""
    conftest.work_up_to(3)
    ordering.place()
    database.manage("migrate", "batches", "0001")
    assert database.manage("migrate", "--check", check=False).returncode

    database.manage("migrate")

    database.manage("migrate", "--check")
    assert BatchLine.objects.get().done == 2, "what the facility had is untouched"
    assert not OrderLine.objects.exists(), "a new table is empty until the ledger is read again"
    database.manage("rebuild")
    assert rebuild.compare() == []
    assert OrderLine.objects.get().order == ordering.ORDER
