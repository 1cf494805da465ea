"""Read models of materials. Quantities are text, so that both databases keep every digit."""

from decimal import Decimal

from django.db import models


class SupplierLine(models.Model):
    """One supplier as it stands now."""

    read_model = True

    supplier = models.CharField(primary_key=True, max_length=20)
    title = models.CharField(max_length=120)
    status = models.CharField(max_length=12)
    valid_until = models.CharField(max_length=10, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "batches_supplier"

    def __str__(self) -> str:
        return self.supplier


class ItemLine(models.Model):
    """One item: how it is kept, counted and watched."""

    read_model = True

    item = models.CharField(primary_key=True, max_length=20)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    unit = models.CharField(max_length=10)
    storage = models.CharField(max_length=20)
    open_life_hours = models.PositiveIntegerField(default=0)
    retest_months = models.PositiveIntegerField(default=0)
    critical = models.BooleanField(default=False)
    strict = models.BooleanField(default=False)
    may_split = models.BooleanField(default=False)
    of_patient = models.BooleanField(default=False)
    minimum = models.CharField(max_length=40)

    class Meta:
        db_table = "batches_item"

    def __str__(self) -> str:
        return self.item


class ItemSourceLine(models.Model):
    """From whom an item may be taken, and what its code says."""

    read_model = True

    key = models.CharField(primary_key=True, max_length=60)
    item = models.CharField(max_length=20, db_index=True)
    supplier = models.CharField(max_length=20, db_index=True)
    catalogue = models.CharField(max_length=40)
    gtin = models.CharField(max_length=14, blank=True, db_index=True)

    class Meta:
        db_table = "batches_item_source"

    def __str__(self) -> str:
        return self.key


class LotLine(models.Model):
    """One lot as it stands now. What it received is what went its ways, and what is left."""

    read_model = True

    lot = models.CharField(primary_key=True, max_length=40)
    parent = models.CharField(max_length=40, blank=True, db_index=True)
    item = models.CharField(max_length=20, db_index=True)
    title = models.CharField(max_length=120)
    supplier = models.CharField(max_length=20)
    supplier_lot = models.CharField(max_length=40)
    status = models.CharField(max_length=12)
    expires_on = models.CharField(max_length=10)
    retest_on = models.CharField(max_length=10, blank=True)
    opened_at = models.CharField(max_length=40, blank=True)
    use_by = models.CharField(max_length=40, blank=True)
    location = models.CharField(max_length=120)
    storage = models.CharField(max_length=20)
    subject = models.CharField(max_length=40, blank=True, db_index=True)
    containers = models.PositiveIntegerField()
    unit = models.CharField(max_length=10)
    received = models.CharField(max_length=40)
    used = models.CharField(max_length=40)
    dispensed = models.CharField(max_length=40)
    sampled = models.CharField(max_length=40)
    returned = models.CharField(max_length=40)
    destroyed = models.CharField(max_length=40)
    split = models.CharField(max_length=40)
    left = models.CharField(max_length=40)
    reserved = models.CharField(max_length=40)
    is_empty = models.BooleanField(default=False)
    unwitnessed = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "batches_lot"

    def __str__(self) -> str:
        return self.lot

    @property
    def amount_left(self) -> Decimal:
        return Decimal(self.left)


class ReservationLine(models.Model):
    """What of a lot is kept for a batch or a patient's slot."""

    read_model = True

    key = models.CharField(primary_key=True, max_length=180)
    lot = models.CharField(max_length=40, db_index=True)
    item = models.CharField(max_length=20)
    holder = models.CharField(max_length=120, db_index=True)
    amount = models.CharField(max_length=40)
    unit = models.CharField(max_length=10)

    class Meta:
        db_table = "batches_reservation"

    def __str__(self) -> str:
        return self.key


class TakenLine(models.Model):
    """What a batch took of a lot, and in which step."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    lot = models.CharField(max_length=40, db_index=True)
    item = models.CharField(max_length=20)
    batch = models.CharField(max_length=40, db_index=True)
    step = models.PositiveIntegerField()
    way = models.CharField(max_length=12)
    quantity = models.CharField(max_length=40)
    unit = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        db_table = "batches_taken"

    def __str__(self) -> str:
        return f"{self.lot} {self.batch} {self.step}"


class KitLine(models.Model):
    """A lot that was scanned into a batch's kit."""

    read_model = True

    key = models.CharField(primary_key=True, max_length=90)
    batch = models.CharField(max_length=40, db_index=True)
    lot = models.CharField(max_length=40)
    item = models.CharField(max_length=20)
    person = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "batches_kit"

    def __str__(self) -> str:
        return self.key
