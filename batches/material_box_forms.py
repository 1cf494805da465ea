"""The boxes of a lot whose quantity the recipe leaves open: its scan, and how much was taken."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class LotBoxes(forms.MultiWidget):
    """Two boxes, each with what was typed in it. The first is the one that takes a scan."""

    def __init__(self, attrs: dict[str, str], unit: str) -> None:
        said = _("Quantity in %(unit)s") % {"unit": unit} if unit else _("Quantity")
        much = {"inputmode": "decimal", "class": "much", "aria-label": said, "placeholder": said}
        super().__init__([forms.TextInput(), forms.TextInput(much)], attrs)
        self.widgets_names = ["", ".much"]  # no other parameter's key has a dot

    def decompress(self, value: str | None) -> list[str]:
        return ["", ""]  # what stands on record is not written into the boxes

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_


class LotField(forms.MultiValueField):
    """A lot and how much of it. They travel as one text: the scan, a blank, the quantity."""

    def __init__(self, *, label: str, attrs: dict[str, str], unit: str) -> None:
        boxes = (forms.CharField(max_length=400), forms.CharField(max_length=40))
        super().__init__(
            boxes,
            label=label,
            required=False,
            require_all_fields=False,
            widget=LotBoxes(attrs, unit),
        )
        for box in boxes:
            box.required = False

    def compress(self, data_list: list[Any]) -> str:
        scanned, much = data_list or ("", "")
        if much and not scanned:
            raise ValidationError(_("Scan the lot that it was taken of."), code="scan")
        return f"{scanned} {much}".strip()
