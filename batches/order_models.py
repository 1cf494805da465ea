"""Read models of orders, collections and who a batch is for."""

from django.db import models


class OrderLine(models.Model):
    """One order as it stands."""

    read_model = True

    order = models.CharField(primary_key=True, max_length=20)
    subject = models.CharField(max_length=40, db_index=True)
    pathway = models.CharField(max_length=30)
    trial = models.CharField(max_length=40, blank=True)
    trial_subject = models.CharField(max_length=40, blank=True)
    sponsor = models.CharField(max_length=120, blank=True)
    specification = models.CharField(max_length=40)
    product = models.CharField(max_length=120)
    autologous = models.BooleanField()
    requested_on = models.DateField()
    coi = models.CharField(max_length=20, unique=True)
    code_sha256 = models.CharField(max_length=64)
    placed_at = models.DateTimeField()
    ended = models.CharField(max_length=20, blank=True)
    ended_on = models.DateField(null=True)
    ended_why = models.TextField(blank=True)

    class Meta:
        db_table = "batches_order"

    def __str__(self) -> str:
        return self.order


class CollectionLine(models.Model):
    """One collection of starting material: what was given, how it came, whether it may be used."""

    read_model = True

    collection = models.CharField(primary_key=True, max_length=24)
    order = models.CharField(max_length=20, db_index=True)
    donor = models.CharField(max_length=40, db_index=True)
    site = models.CharField(max_length=120)
    site_approval = models.CharField(max_length=40)
    approved_until = models.DateField()
    collected_at = models.DateTimeField()
    consent = models.CharField(max_length=40)
    serology = models.CharField(max_length=20)
    serology_on = models.DateField()
    segregated = models.BooleanField()
    bags = models.PositiveIntegerField()
    volume_ml = models.CharField(max_length=40, blank=True)
    count = models.CharField(max_length=40, blank=True)
    viability = models.CharField(max_length=40, blank=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=80, blank=True)
    lowest = models.CharField(max_length=40, blank=True)
    highest = models.CharField(max_length=40, blank=True)
    transport = models.CharField(max_length=40, blank=True)
    logger = models.CharField(max_length=80, blank=True)
    codes = models.TextField(blank=True)
    place = models.CharField(max_length=120, blank=True)
    hindrances = models.TextField(blank=True)  # one a line, as the aggregate says them
    decision = models.CharField(max_length=40, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_why = models.TextField(blank=True)
    replaced = models.BooleanField(default=False)

    class Meta:
        db_table = "batches_collection"

    def __str__(self) -> str:
        return self.collection


class IdentityLine(models.Model):
    """For whom a batch is made: bound once, and matched by scan ever after."""

    read_model = True

    batch = models.CharField(primary_key=True, max_length=20)
    order = models.CharField(max_length=20, db_index=True)
    coi = models.CharField(max_length=20, db_index=True)
    code_sha256 = models.CharField(max_length=64)
    collections = models.TextField()  # their numbers, with a space between
    autologous = models.BooleanField()
    bound_at = models.DateTimeField()
    matches = models.PositiveIntegerField(default=0)
    mismatches = models.PositiveIntegerField(default=0)
    last_match_at = models.DateTimeField(null=True)
    last_place = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "batches_identity"

    def __str__(self) -> str:
        return self.batch


class CustodyLine(models.Model):
    """One link of the chain of custody: where an item was, in whose hands, how warm."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    item = models.CharField(max_length=40, db_index=True)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)  # begun, handed_over, taken_over, relabel..., ended
    handoff = models.PositiveIntegerField(default=0)
    place = models.CharField(max_length=120, blank=True)
    to_place = models.CharField(max_length=120, blank=True)
    temperature = models.CharField(max_length=40, blank=True)
    other_party = models.CharField(max_length=120, blank=True)
    document = models.CharField(max_length=40, blank=True)
    person = models.CharField(max_length=80)
    role = models.CharField(max_length=40)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "batches_custody"

    def __str__(self) -> str:
        return f"{self.item} {self.version} {self.kind}"
