from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("personnel", "0004_vault")]
    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ("key", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("person", models.CharField(db_index=True, max_length=40)),
                ("credential", models.TextField(unique=True)),
                ("counter", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="PolicyRead",
            fields=[
                (
                    "person",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="person"
                    ),
                ),
                ("policy", models.CharField(max_length=40, verbose_name="version")),
                ("policy_sha256", models.CharField(max_length=64, verbose_name="hash")),
                ("read_at", models.DateTimeField(verbose_name="acknowledged")),
            ],
            options={
                "verbose_name": "acknowledged policy",
                "verbose_name_plural": "acknowledged policies",
            },
        ),
        migrations.CreateModel(
            name="PreparedSignature",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("person", models.CharField(db_index=True, max_length=40)),
                ("session", models.CharField(max_length=64)),
                ("command", models.UUIDField()),
                ("statement", models.BinaryField()),
                ("events", models.TextField()),
                ("acted_at", models.DateTimeField()),
                ("signed_at", models.CharField(max_length=40)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                (
                    "key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="key"
                    ),
                ),
                ("person", models.CharField(db_index=True, max_length=40, verbose_name="person")),
                ("algorithm", models.CharField(max_length=40, verbose_name="algorithm")),
                ("public_key", models.TextField(verbose_name="public key")),
                ("enrolled_at", models.DateTimeField(verbose_name="enrolled")),
                ("enrolled_event", models.UUIDField(verbose_name="enrolment")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed")),
                (
                    "confirmed_by",
                    models.CharField(blank=True, max_length=40, verbose_name="confirmed by"),
                ),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="withdrawn")),
                (
                    "withdrawn_by",
                    models.CharField(blank=True, max_length=40, verbose_name="withdrawn by"),
                ),
                (
                    "withdrawn_why",
                    models.TextField(blank=True, verbose_name="why it was withdrawn"),
                ),
            ],
            options={
                "verbose_name": "signing key",
                "verbose_name_plural": "signing keys",
            },
        ),
        migrations.CreateModel(
            name="SigningSeries",
            fields=[
                ("session", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("person", models.CharField(db_index=True, max_length=40)),
                ("role", models.CharField(max_length=40)),
                ("terminal", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=40)),
                ("copy", models.BinaryField()),
                ("used_at", models.DateTimeField()),
                ("wrong", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="SigningTries",
            fields=[
                ("person", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("wrong", models.PositiveSmallIntegerField(default=0)),
                ("last_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="WrappedKey",
            fields=[
                ("key", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("person", models.CharField(db_index=True, max_length=40)),
                ("wrapped", models.TextField()),
            ],
        ),
    ]
