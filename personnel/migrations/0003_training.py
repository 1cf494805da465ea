from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("personnel", "0002_people")]
    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="CurriculumLine",
            fields=[
                ("line", models.CharField(max_length=90, primary_key=True, serialize=False)),
                ("role", models.CharField(max_length=40)),
                ("item", models.CharField(max_length=40)),
            ],
            options={
                "db_table": "personnel_curriculum",
            },
        ),
        migrations.CreateModel(
            name="TrainingItem",
            fields=[
                (
                    "item",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="item"
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("version", models.CharField(max_length=10, verbose_name="version")),
                ("valid_months", models.PositiveSmallIntegerField(verbose_name="months")),
                ("changed_at", models.DateTimeField(verbose_name="changed")),
            ],
            options={
                "db_table": "personnel_training_item",
            },
        ),
        migrations.CreateModel(
            name="TrainingRecord",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                ("person", models.CharField(max_length=40)),
                ("item", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=10)),
                ("trained_on", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("method", models.CharField(max_length=40)),
                ("assessor", models.CharField(max_length=40)),
                ("recorded_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.CharField(blank=True, max_length=40)),
                ("revoked_why", models.TextField(blank=True)),
            ],
            options={
                "db_table": "personnel_training_record",
                "indexes": [
                    models.Index(fields=["person", "item"], name="personnel_training_person")
                ],
            },
        ),
    ]
