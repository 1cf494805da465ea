"""Forms of the route of master batch records. They check shape; the command decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from batches.forms import AskForm


def line(label: Any, help_text: Any = "", **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=attrs)
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget)


def lines(label: Any, help_text: Any = "", rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget)


class RouteForm(AskForm):
    """What a signature over a version names: the hash of what its page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class ApproveForm(RouteForm):
    effective_from = forms.CharField(
        label=_("Effective from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_(
            "Batches are opened on it from this day on, and the version before it gives way."
            " Leave time for the training. No day: at once."
        ),
    )


class ReturnForm(AskForm):
    reason = lines(_("What is to be mended?"))


class WithdrawForm(AskForm):
    reason = lines(_("Why is it withdrawn?"))


class NewForm(AskForm):
    """A record of one's own, a shipped one, a file, or the next version of one that there is."""

    recipe = line(_("Number"), autocapitalize="characters", placeholder="MBR-031")
    title = line(_("Title"))
    product = line(_("Product"))
    source = forms.ChoiceField(label=_("Begin with"), required=False)
    file = forms.FileField(
        label=_("A record that was exported (JSON)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )

    def __init__(self, *args: Any, sources: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = sources  # type: ignore[attr-defined]


class DryRunForm(AskForm):
    note = lines(_("What you would change here"), rows=2)
