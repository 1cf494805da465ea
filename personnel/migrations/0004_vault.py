from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("personnel", "0003_training")]
    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="SealedRecord",
            fields=[
                ("record", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("subject", models.CharField(db_index=True, max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Subject",
            fields=[
                (
                    "subject",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="subject"
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("counted_from", models.DateField(verbose_name="counted from")),
                ("keep_until", models.DateField(verbose_name="kept until")),
                ("registered_at", models.DateTimeField(verbose_name="registered")),
                ("registered_by", models.CharField(max_length=40, verbose_name="registered by")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("erased_at", models.DateTimeField(null=True, verbose_name="erased")),
                (
                    "erased_ground",
                    models.CharField(blank=True, max_length=40, verbose_name="ground"),
                ),
            ],
            options={
                "verbose_name": "subject",
                "verbose_name_plural": "subjects",
            },
        ),
        migrations.CreateModel(
            name="SubjectKey",
            fields=[
                ("subject", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("vault_key", models.CharField(max_length=16)),
                ("wrapped", models.BinaryField()),
                ("blind", models.CharField(max_length=64, null=True, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="SubjectLook",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                ("subject", models.CharField(db_index=True, max_length=40)),
                ("at", models.DateTimeField()),
                ("person", models.CharField(max_length=80)),
                ("role", models.CharField(max_length=40)),
                ("purpose", models.CharField(blank=True, max_length=40)),
                ("reference", models.CharField(blank=True, max_length=40)),
                ("request", models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="Unmasking",
            fields=[
                ("request", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("subject", models.CharField(db_index=True, max_length=40)),
                ("asked_by", models.CharField(max_length=40)),
                ("asked_at", models.DateTimeField()),
                ("reason", models.TextField()),
                ("decided_by", models.CharField(blank=True, max_length=40)),
                ("decided_at", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
            ],
        ),
    ]
