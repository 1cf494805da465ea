"""Forms of labels. They check shape alone: the commands decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from batches.forms import AskForm
from batches.label_commands import ROUTES
from ledger.asking import UNREADABLE, told
from ledger.event import Refused
from personnel.session import actor_of

FIELDS = {
    "label_count": "count",
    "label_expires": "expires",
    "label_route": "route",
    "label_gtin": "gtin",
    "label_kind": "kind",
    "label_title": "title",
    "roll_number": "roll",
    "reason_missing": "reason",
    "reason_too_long": "reason",
    "no_label": "scanned",
    "wrong_label": "scanned",
    "label_gone": "scanned",
}
_QUIET = {"autocomplete": "off", "spellcheck": "false"}


def _line(label: Any, help_text: Any = "", **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=_QUIET | attrs)
    return forms.CharField(label=label, required=False, help_text=help_text, widget=widget)


class LabelForm(AskForm):
    """A form about labels: a refusal stands beside the field that it is about."""

    def refuse(self, refused: Refused) -> None:
        """Put a command's no beside the field that it is about; what is typed stays."""
        name = FIELDS.get(refused.code)
        self.add_error(name if name in self.fields else None, told(refused))
        if refused.code != "away":
            self.renew()

    def send(self, request: HttpRequest, ask: Callable[..., Any], **asked: Any) -> Any:
        """What the command answers, or nothing where it says no."""
        asked.setdefault("command_id", self.cleaned_data.get("command_id"))
        try:
            return ask(**asked, actor=actor_of(request))
        except Refused as refused:
            self.refuse(refused)
            return None


class PrintForm(LabelForm):
    kind = forms.ChoiceField(label=_("Which label"), required=False)
    count = forms.IntegerField(
        label=_("How many"),
        required=False,
        error_messages=UNREADABLE,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": "1"}),
    )
    route = forms.ChoiceField(
        label=_("Route of administration"),
        required=False,
        choices=[("", _("Choose")), *((route, _(words)) for route, words in ROUTES.items())],
    )
    expires = forms.CharField(
        label=_("Expires"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("Day and time, as the clocks say in the zone beside it."),
    )
    zone = forms.ChoiceField(label=_("Zone"), required=False)
    gtin = _line(_("Article number (GTIN)"), _("Only where the product has one."))
    reason = _line(_("Why are more printed?"), _("Asked for where this label was printed before."))

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        zones = dict.fromkeys((settings.TIME_ZONE, "UTC"))
        self.fields["zone"].choices = [(one, one) for one in zones]  # type: ignore[attr-defined]


class RollForm(LabelForm):
    roll = _line(_("Roll"), placeholder="ROLL-12", autocapitalize="characters")
    title = _line(_("What are these labels for?"))
    count = forms.IntegerField(
        label=_("How many"),
        required=False,
        error_messages=UNREADABLE,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": "1"}),
    )
    reason = _line(_("Why are more printed?"), _("Asked for where this roll was printed before."))


class ChooseForm(LabelForm):
    """Labels by scan, or ticked in the list of those that are left."""

    scanned = _line(_("Scan the labels"), _("One after the other; or tick them below."))
    ticked = forms.MultipleChoiceField(
        label=_("Labels that are left"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = _line(_("Why are they destroyed?"))

    def __init__(self, *args: Any, left: list[str], asks_why: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ticked"].choices = [(one, one) for one in left]  # type: ignore[attr-defined]
        if not asks_why:
            del self.fields["reason"]
