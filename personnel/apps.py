"""The people's room, as Django installs it."""

from django.apps import AppConfig


class PersonnelConfig(AppConfig):
    name = "personnel"
    default_auto_field = "django.db.models.BigAutoField"
