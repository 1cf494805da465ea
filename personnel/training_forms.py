"""Forms about training. They check shape alone: the commands decide, and keep their no."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.asking import AskForm
from personnel.roles import GMP_ROLES, LABELS
from personnel.training import KINDS, METHODS

_CHOOSE = ("", _("Choose"))


def _line(label: Any, help_text: Any = "", **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    return forms.CharField(
        label=label, required=False, max_length=400, help_text=help_text, widget=widget
    )


def _choice(label: Any, choices: Iterable[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[_CHOOSE, *choices])


def _of_items(items: Iterable[Any]) -> list[tuple[str, str]]:
    return [(row.item, f"{row.item} {row.title}, {row.version}") for row in items]


class IntroduceForm(AskForm):
    item = _line(_("Number"), placeholder="SOP-014", autocapitalize="characters")
    kind = _choice(_("Kind"), KINDS.items())
    title = _line(_("Title"))
    version = _line(_("Version"), placeholder="1")
    valid_months = forms.IntegerField(
        label=_("Months a training holds"),
        required=False,
        help_text=_("0: as long as the version does."),
        widget=forms.NumberInput(attrs={"min": 0, "max": 120, "inputmode": "numeric"}),
    )


class VersionForm(AskForm):
    version = _line(_("New version"))
    reason = _line(_("What changed?"))


class CurriculumForm(AskForm):
    """A role and an item: to demand, or to demand no longer."""

    def __init__(self, *args: Any, items: Iterable[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        roles = [(role, LABELS[role]) for role in GMP_ROLES]
        self.fields["role"] = _choice(_("Role"), roles)
        self.fields["item"] = _choice(_("Item"), _of_items(items))
        self.fields["reason"] = _line(_("Why?"))


class RecordForm(AskForm):
    def __init__(self, *args: Any, items: Iterable[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["item"] = _choice(_("Trained on"), _of_items(items))
        self.fields["trained_on"] = _line(_("Day"), placeholder="2026-03-02")
        self.fields["method"] = _choice(_("How it was assessed"), METHODS.items())


class RevokeForm(AskForm):
    reason = _line(_("Why does it not hold?"))
