from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("personnel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="AccessReview",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=80)),
                ("confirmed", models.PositiveIntegerField()),
                ("withdrawn", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "personnel_access_review",
            },
        ),
        migrations.CreateModel(
            name="AccountState",
            fields=[
                ("account", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("person", models.CharField(db_index=True, max_length=40)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, max_length=80)),
                ("close_reason", models.TextField(blank=True)),
                ("must_change", models.BooleanField(default=False)),
                ("locked_at", models.DateTimeField(null=True)),
                ("locked_until", models.DateTimeField(null=True)),
                ("tried_since", models.BooleanField(default=False)),
                ("counted_from", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "personnel_account_state",
            },
        ),
        migrations.CreateModel(
            name="Name",
            fields=[
                (
                    "person",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="person"
                    ),
                ),
                ("printed_name", models.CharField(max_length=200, verbose_name="printed name")),
            ],
            options={
                "db_table": "personnel_name",
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("person", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("enrolled_at", models.DateTimeField(null=True)),
                ("enrolled_by", models.CharField(blank=True, max_length=80)),
                ("checked_at", models.DateTimeField(null=True)),
                ("checked_by", models.CharField(blank=True, max_length=80)),
                ("evidence", models.CharField(blank=True, max_length=60)),
                ("reference", models.CharField(blank=True, max_length=120)),
                ("proposed_until", models.DateTimeField(null=True)),
                ("proposed_by", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "db_table": "personnel_person",
            },
        ),
        migrations.CreateModel(
            name="RoleSpan",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                ("person", models.CharField(max_length=40)),
                ("role", models.CharField(max_length=40)),
                ("granted_at", models.DateTimeField()),
                ("granted_by", models.CharField(max_length=80)),
                ("grant_reason", models.TextField(blank=True)),
                ("until", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=80)),
                ("withdrawal_reason", models.TextField(blank=True)),
            ],
            options={
                "db_table": "personnel_role",
            },
        ),
        migrations.CreateModel(
            name="SessionRow",
            fields=[
                ("session", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=40)),
                ("person", models.CharField(max_length=40)),
                ("terminal", models.CharField(max_length=80)),
                ("role", models.CharField(max_length=40)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_why", models.CharField(blank=True, max_length=80)),
                ("locked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "personnel_session",
            },
        ),
        migrations.CreateModel(
            name="SignInFailure",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "personnel_sign_in_failure",
            },
        ),
        migrations.CreateModel(
            name="Terminal",
            fields=[
                ("terminal", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("room", models.CharField(max_length=80)),
                ("registered_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "personnel_terminal",
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_active", True)),
                fields=("person",),
                name="personnel_account_one_each",
            ),
        ),
        migrations.AddIndex(
            model_name="rolespan",
            index=models.Index(fields=["person", "role"], name="personnel_role_person"),
        ),
        migrations.AddConstraint(
            model_name="rolespan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("person", "role"),
                name="personnel_role_once",
            ),
        ),
        migrations.AddIndex(
            model_name="sessionrow",
            index=models.Index(fields=["person", "ended_at"], name="personnel_session_person"),
        ),
        migrations.AddIndex(
            model_name="signinfailure",
            index=models.Index(fields=["account", "at"], name="personnel_failure_account"),
        ),
    ]
