"""The ledger's tables (append-only, guarded by the database) and its read models (disposable)."""

from django.db import models


class Event(models.Model):
    """One immutable event: the body's bytes as they are hashed, and the fields of its entry."""

    ledger_table = True

    id = models.UUIDField(primary_key=True)
    stream_type = models.CharField(max_length=40)
    stream_id = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    type = models.CharField(max_length=120)
    schema_version = models.PositiveSmallIntegerField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    body = models.BinaryField()

    class Meta:
        db_table = "ledger_event"
        constraints = [
            models.UniqueConstraint(
                fields=["stream_type", "stream_id", "version"], name="ledger_event_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stream_type}/{self.stream_id} {self.version} {self.type}"


class Pending(models.Model):
    """A committed event that has no position yet. The only ledger table that rows leave."""

    ledger_table = True

    seq = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)

    class Meta:
        db_table = "ledger_pending"

    def __str__(self) -> str:
        return str(self.event_id)


class LogEntry(models.Model):
    """One line-form commitment to an event, at its gapless position, and its RFC 6962 leaf hash."""

    ledger_table = True

    position = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    entry = models.BinaryField()
    leaf = models.BinaryField()

    class Meta:
        db_table = "ledger_log"

    def __str__(self) -> str:
        return f"{self.position} {self.event_id}"


class Epoch(models.Model):
    """One Merkle tree: its origin and the global position of its first entry."""

    ledger_table = True

    number = models.PositiveIntegerField(primary_key=True)
    origin = models.CharField(max_length=200, unique=True)
    start = models.BigIntegerField()  # two epochs share one where all of the first was lost

    class Meta:
        db_table = "ledger_epoch"

    def __str__(self) -> str:
        return self.origin


class Checkpoint(models.Model):
    """A signed tree head: the note as signed, and the fields it states."""

    ledger_table = True

    id = models.CharField(primary_key=True, max_length=40)  # "<epoch>/<size>"
    epoch = models.PositiveIntegerField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()

    class Meta:
        db_table = "ledger_checkpoint"
        constraints = [
            models.UniqueConstraint(fields=["epoch", "size"], name="ledger_checkpoint_size")
        ]

    def __str__(self) -> str:
        return self.id


class Tile(models.Model):
    """A full tile: 256 hashes of one level of an epoch's tree (C2SP tlog-tiles)."""

    ledger_table = True

    id = models.CharField(primary_key=True, max_length=40)  # "<epoch>/<level>/<index>"
    epoch = models.PositiveIntegerField()
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        db_table = "ledger_tile"
        constraints = [
            models.UniqueConstraint(fields=["epoch", "level", "index"], name="ledger_tile_place")
        ]

    def __str__(self) -> str:
        return self.id


class Cosignature(models.Model):
    """A witness's signature line over a checkpoint."""

    ledger_table = True

    id = models.CharField(primary_key=True, max_length=300)  # "<epoch>/<size>/<witness>"
    epoch = models.PositiveIntegerField()
    size = models.BigIntegerField()
    name = models.CharField(max_length=200)
    line = models.TextField()

    class Meta:
        db_table = "ledger_cosignature"
        indexes = [models.Index(fields=["epoch", "size"], name="ledger_cosignature_size")]

    def __str__(self) -> str:
        return self.id


class TimestampToken(models.Model):
    """An RFC 3161 time-stamp token over a checkpoint's note."""

    ledger_table = True

    id = models.CharField(primary_key=True, max_length=40)  # "<epoch>/<size>"
    epoch = models.PositiveIntegerField()
    size = models.BigIntegerField()
    token = models.BinaryField()

    class Meta:
        db_table = "ledger_timestamp"

    def __str__(self) -> str:
        return self.id


class CommandKey(models.Model):
    """That a command has been carried out: its key, what was asked, the events it made."""

    ledger_table = True

    key = models.UUIDField(primary_key=True)
    request_sha256 = models.BinaryField()
    event_ids = models.TextField()

    class Meta:
        db_table = "ledger_command"

    def __str__(self) -> str:
        return str(self.key)


class Blob(models.Model):
    """Content named by its hash: attachments, reports, sealed readings."""

    ledger_table = True

    sha256 = models.BinaryField(primary_key=True, max_length=32)
    content = models.BinaryField()

    class Meta:
        db_table = "ledger_blob"

    def __str__(self) -> str:
        return f"sha256:{bytes(self.sha256).hex()}"


class Cursor(models.Model):
    """How far a follower has read the log, and the sentence it stopped with, if it did."""

    name = models.CharField(primary_key=True, max_length=80)
    position = models.BigIntegerField(default=0)  # the next position to read
    stopped = models.TextField(blank=True, default="")

    class Meta:
        db_table = "ledger_cursor"

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class Trail(models.Model):
    """What the trail is filtered by, one row an event; what it reads as comes from the event."""

    read_model = True

    event_id = models.UUIDField(primary_key=True)
    recorded_at = models.DateTimeField()
    person = models.CharField(max_length=80)
    role = models.CharField(max_length=40)
    type = models.CharField(max_length=120)
    stream_type = models.CharField(max_length=40)
    stream_id = models.CharField(max_length=80)
    version = models.PositiveIntegerField()

    class Meta:
        db_table = "ledger_trail"
        indexes = [
            models.Index(fields=["recorded_at", "event_id"], name="ledger_trail_when"),
            models.Index(fields=["person", "recorded_at", "event_id"], name="ledger_trail_person"),
            models.Index(fields=["role", "recorded_at", "event_id"], name="ledger_trail_role"),
            models.Index(fields=["type", "recorded_at", "event_id"], name="ledger_trail_type"),
            models.Index(
                fields=["stream_type", "recorded_at", "event_id"], name="ledger_trail_kind"
            ),
            models.Index(
                fields=["stream_id", "recorded_at", "event_id"], name="ledger_trail_stream"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recorded_at:%Y-%m-%d %H:%M:%S} {self.person} {self.type}"


class TrailWord(models.Model):
    """One word of one event's reason, so that reasons can be searched on any database."""

    read_model = True

    pk = models.CompositePrimaryKey("word", "recorded_at", "event_id")
    word = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        db_table = "ledger_trail_word"

    def __str__(self) -> str:
        return self.word


class TrailLink(models.Model):
    """That one event names another: as its cause, or among what it signs."""

    read_model = True

    pk = models.CompositePrimaryKey("target", "kind", "source")
    target = models.UUIDField()
    kind = models.CharField(max_length=10)  # "cause" or "signature"
    source = models.UUIDField()

    class Meta:
        db_table = "ledger_trail_link"

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.target}"
