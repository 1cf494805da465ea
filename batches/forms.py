"""Forms of the batches room. They check shape alone: the command decides, and keeps its no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4, uuid5

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from ledger import asking
from ledger.event import Refused
from personnel.session import actor_of

PURPOSES = {
    "patient": _("For a patient"),
    "engineering": _("Engineering run"),
    "validation": _("Validation run"),
    "media_fill": _("Media fill"),
    "training": _("Training"),
}
HOLDS = {
    "process": _("Process hold: the work stops"),
    "quality": _("Quality hold: the work goes on, release is blocked"),
}
# Which field of a form a refusal is about; the rest are about the form as a whole.
_FIELDS = {
    "batch_number": "batch",
    "recipe_not_approved": "recipe",
    "purpose": "purpose",
    "subject": "order",
    "no_order": "order",
    "order_ended": "order",
    "other_product": "order",
    "collections": "order",
    "not_eligible": "order",
    "at_work": "order",
    "reason_missing": "reason",
    "reason_too_long": "reason",
    "no_change": "typed",
    "hold_kind": "kind",
    "performer": "performed_by",
}


def _line(label: Any, **attrs: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attrs))


class AskForm(asking.AskForm):
    """What every form here does: it asks, and keeps the command's no beside what is typed."""

    def part(self, name: str) -> UUID:
        """The id of one of the commands that this form asks for at once."""
        return uuid5(self.cleaned_data.get("command_id") or uuid4(), name)

    def ask(self, request: HttpRequest, ask: Callable[..., Any], **asked: object) -> bool:
        """Send what was typed to the command. Its no stands on the form, with all that is typed."""
        if "command_id" not in asked:
            asked["command_id"] = self.cleaned_data.get("command_id")
        try:
            ask(**asked, actor=actor_of(request))
        except Refused as refused:
            name = _FIELDS.get(refused.code)
            self.add_error(name if name in self.fields else None, asking.told(refused))
            if refused.code != "away":  # then the same sending must be known again
                self.renew()
            return False
        return True


class SeenForm(AskForm):
    """A form that signs or replaces values: it says how many of them stood on its page."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput,
        required=False,
        min_value=0,
        max_value=10**9,
        error_messages=asking.UNREADABLE,
    )

    def shows(self, standing: int) -> SeenForm:
        """What stands on the page now, also where the form comes back with a no."""
        self.initial["seen"] = standing
        if self.is_bound:
            typed = QueryDict(mutable=True)
            typed.update(self.data)
            typed["seen"] = str(standing)
            self.data = typed
        return self


class OpenForm(AskForm):
    batch = _line(_("Batch number"), autocapitalize="characters", placeholder="CT-0421")
    recipe = forms.ChoiceField(label=_("Master batch record"), required=False)
    purpose = forms.ChoiceField(
        label=_("What is it for?"), required=False, choices=PURPOSES.items()
    )
    # whether an order still waits is the command's to say: a form that is sent twice opens one
    order = forms.CharField(label=_("Order"), required=False, widget=forms.Select)

    def __init__(
        self,
        *args: Any,
        recipes: list[tuple[str, str]],
        orders: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipe"].choices = recipes  # type: ignore[attr-defined]
        none = ("", _("None: it is for no patient"))
        self.fields["order"].widget.choices = [none, *orders]


class ScribeForm(SeenForm):
    performed_by = forms.ChoiceField(label=_("Performed by"), required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["performed_by"].choices = [("", _("Choose")), *people]  # type: ignore[attr-defined]


class ReasonForm(AskForm):
    reason = _line(_("Why?"))


class CorrectionForm(SeenForm):
    typed = _line(_("What it ought to read"), inputmode="decimal", autocomplete="off")
    reason = _line(_("Why is it corrected?"))


class AssessmentForm(AskForm):
    reason = forms.CharField(
        label=_("What it means for the product"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HoldForm(AskForm):
    kind = forms.ChoiceField(label=_("Which hold"), required=False, choices=HOLDS.items())
    reason = _line(_("Why is it held?"))
