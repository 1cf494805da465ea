"""Read models of the batches room: made from events, dropped and made again at will."""

from django.db import models

from batches import running_models  # noqa: F401
from batches.container_models import (  # noqa: F401
    ContainerLine,
    ExcursionLine,
    FillLine,
    SampleLine,
    StorageLine,
)
from batches.label_models import LabelCountLine, LabelJobLine, LabelLine  # noqa: F401
from batches.material_models import (  # noqa: F401
    ItemLine,
    ItemSourceLine,
    LotLine,
    ReservationLine,
    SupplierLine,
    TakenLine,
)
from batches.order_models import (  # noqa: F401
    CollectionLine,
    CustodyLine,
    IdentityLine,
    OrderLine,
)
from batches.paper_models import PrintLine  # noqa: F401
from batches.recipe_models import RecipeLine  # noqa: F401
from batches.trace_models import TraceEdge  # noqa: F401


class BatchLine(models.Model):
    """One batch as it stands now: where the work is and who is waited for."""

    read_model = True

    batch = models.CharField(primary_key=True, max_length=20)
    recipe = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    product = models.CharField(max_length=200)
    purpose = models.CharField(max_length=20)
    subject = models.CharField(max_length=40, blank=True)
    steps = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    step = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200, blank=True)
    waits_for = models.CharField(max_length=40, blank=True)
    quality_hold = models.BooleanField(default=False)
    process_hold = models.BooleanField(default=False)
    exceptions = models.PositiveIntegerField(default=0)
    unassessed = models.PositiveIntegerField(default=0)
    countersignatures = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    aborted_at = models.DateTimeField(null=True)
    second = models.CharField(max_length=40, blank=True)  # who is needed beside the performer
    phase = models.CharField(max_length=200, blank=True)
    room = models.CharField(max_length=40, blank=True)
    workstation = models.CharField(max_length=40, blank=True)
    order = models.CharField(max_length=40, blank=True)
    coi = models.CharField(max_length=40, blank=True)
    handover = models.CharField(max_length=80, blank=True)  # who hands over, until it is taken
    overrides = models.PositiveIntegerField(default=0)  # asked for, not agreed to
    to_authorise = models.PositiveIntegerField(default=0)  # the step whose correction waits for it

    class Meta:
        db_table = "batches_batch"

    def __str__(self) -> str:
        return self.batch


class ExceptionLine(models.Model):
    """One departure from the recipe that quality assurance has to see."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    batch = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    severity = models.CharField(max_length=20)
    sentence = models.TextField()
    parameter = models.CharField(max_length=40, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    explanation = models.TextField(blank=True)
    person = models.CharField(max_length=80)
    role = models.CharField(max_length=40)
    raised_at = models.DateTimeField()
    assessment = models.TextField(blank=True)
    assessed_by = models.CharField(max_length=80, blank=True)
    assessed_at = models.DateTimeField(null=True)
    assessed_event = models.UUIDField(null=True)

    class Meta:
        db_table = "batches_exception"
        constraints = (
            models.UniqueConstraint(fields=("batch", "number"), name="batches_exception_number"),
        )

    def __str__(self) -> str:
        return f"{self.batch} {self.number}"
