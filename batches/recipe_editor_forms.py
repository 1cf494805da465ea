"""The form of one node of a draft: its own fields, its parameters or the lines of a list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from batches import recipe_field_forms as told
from batches.forms import AskForm
from batches.recipe_edit import Change, Document, free_key, node_at
from batches.recipe_field_forms import Spec
from batches.recipe_nodes import path_of

APART = ("pictures", "blocks")  # fields of a step that stand in a box of their own
BLANK = "n"  # the place of a line that is not there yet
ADDED_ELSEWHERE = ("pictures",)  # a picture comes with the step that shows it


class NodeForm(AskForm):
    """Everything of one node. `seen` is the hash of the record that the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, document: Document, ref: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document, self.ref = document, ref
        self.at = path_of(document, ref)
        self.level = ref.partition(":")[0]
        if self.level in told.LISTS:
            self.node: dict[str, Any] = {self.level: document.get(self.level, [])}
            self.specs: tuple[Spec, ...] = ()
        else:
            self.node = node_at(document, self.at)
            self.specs = told.HEADER if ref == "header" else told.PARTS[self.level]
        for spec in self.specs:
            self.fields.update(told.fields_of(spec, document, self.node.get(spec.name)))
        if self.level == "steps":
            self.fields |= _new_picture()
        self.groups = self._groups()

    def _groups(self) -> list[dict[str, Any]]:
        """Parameters of a step, or lines of a list: each with its own specs and prefix."""
        made = []
        if self.level == "steps":
            for number, one in enumerate(self.node.get("parameters", ())):
                kind = self._typed(f"p{number}-kind") or one.get("kind", "number")
                specs = told.of_parameter(kind, checked="check" in one)
                made.append(self._group(number, one, specs))
        elif self.level in told.LISTS:
            for number, one in enumerate(self.node[self.level]):
                made.append(self._group(number, one, told.LISTS[self.level]))
            if self.level not in ADDED_ELSEWHERE:
                made.append(self._group(BLANK, {}, told.LISTS[self.level]))
        return made

    def _typed(self, name: str) -> str:
        return str(self.data.get(name, "")) if self.is_bound else ""

    def _group(
        self, number: int | str, one: dict[str, Any], specs: tuple[Spec, ...]
    ) -> dict[str, Any]:
        prefix = f"p{number}-"
        for spec in specs:
            for name, field in told.fields_of(spec, self.document, one.get(spec.name)).items():
                self.fields[prefix + name] = field
        if number != BLANK:
            words = _("Remove")
            self.fields[f"{prefix}remove"] = forms.BooleanField(label=words, required=False)
        return {"number": number, "prefix": prefix, "specs": specs, "node": one}

    def own(self) -> list[forms.BoundField]:
        """The node's own fields."""
        names = [n for spec in self.specs for n in told.fields_of(spec, self.document, None)]
        return [self[name] for name in names]

    def texts(self) -> list[forms.BoundField]:
        return [field for field in self.own() if not _is_flag(field) and field.name not in APART]

    def flags(self) -> list[forms.BoundField]:
        return [field for field in self.own() if _is_flag(field)]

    def rows(self) -> list[dict[str, Any]]:
        """Each parameter or line with its bound fields."""
        made = []
        for group in self.groups:
            prefix = group["prefix"]
            names = [n for spec in group["specs"]
                     for n in told.fields_of(spec, self.document, None)]  # fmt: skip
            fields = [self[prefix + name] for name in names]
            remove = f"{prefix}remove"
            made.append(
                group
                | {"fields": fields, "remove": self[remove] if remove in self.fields else None}
            )
        return made

    def heads(self) -> list[Any]:
        """The headings of a list's columns."""
        return [spec.label for spec in told.LISTS.get(self.level, ())]

    def values(self, then: str = "") -> dict[str, Any]:
        """The node as typed. `then` may add a parameter, or move one up."""
        cleaned = self.cleaned_data
        made = {spec.name: told.value_of(spec, cleaned) for spec in self.specs}
        if self.level == "steps":
            made["parameters"] = self._parameters(then)
            made["key"] = made["key"] or self.node.get("key")
        elif self.level in told.LISTS:
            made[self.level] = self._lines() or None
        for name in ("title", "product", "instruction"):
            if name in made:
                made[name] = made[name] or ""
        return made

    def edits(self, then: str = "", picture: str = "") -> list[Change]:
        """What to change. `picture`: the name of one that comes along, for this step to show."""
        at, values = "" if self.level in told.LISTS else self.at, self.values(then)
        changes: list[Change] = []
        if picture:
            lines = self.document.get("pictures", [])
            if picture not in {line["blob"] for line in lines}:
                title = self.cleaned_data["picture_title"].strip()
                lines = [*lines, {"blob": picture, "title": title}]
                changes.append({"op": "set", "at": "", "values": {"pictures": lines}})
            shown = [one for one in values["pictures"] or () if one != picture]
            values["pictures"] = [*shown, picture]
        return [*changes, {"op": "set", "at": at, "values": values}]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("picture") and not cleaned.get("picture_title", "").strip():
            self.add_error("picture_title", _("Say what it shows, for whoever cannot see it."))
        return cleaned

    def _kept(self) -> list[dict[str, Any]]:
        """The lines that stay, each with what was typed over what it was."""
        made = []
        for group in self.groups:
            prefix = group["prefix"]
            if self.cleaned_data.get(f"{prefix}remove"):
                continue
            asked = {spec.name: told.value_of(spec, self.cleaned_data, prefix)
                     for spec in group["specs"]}  # fmt: skip
            if group["number"] == BLANK and not any(
                value for name, value in asked.items() if name not in ("kind", "grade", "role")
            ):
                continue
            keep = group["node"]
            if self.level == "steps" and keep.get("kind", "number") != asked["kind"]:
                keep = {}  # what another kind had no field for does not go along
            whole = {**keep, **asked}
            made.append({name: value for name, value in whole.items() if value is not None})
        return made

    def _parameters(self, then: str) -> list[dict[str, Any]]:
        made = [
            one | {"key": one.get("key") or "", "label": one.get("label") or ""}
            for one in self._kept()
        ]
        verb, _colon, which = then.partition(":")
        if verb == "parameter" and which:
            key = free_key(which, {one["key"] for one in made})
            made.append({"key": key, "label": "", "kind": which})
        if verb == "up" and which.isdigit() and 0 < int(which) < len(made):
            index = int(which)
            made[index - 1], made[index] = made[index], made[index - 1]
        return made

    def _lines(self) -> list[dict[str, Any]]:
        """A list's lines, with what the record cannot do without."""
        blank: dict[str, Any] = {
            spec.name: 1 if spec.kind == told.WHOLE else ""
            for spec in told.LISTS[self.level]
            if spec.kind != told.FLAG
        }
        made: list[dict[str, Any]] = []
        for line in self._kept():
            whole = blank | line
            if "key" in whole and not whole["key"]:
                taken = {one["key"] for one in made}
                whole["key"] = free_key(str(whole.get("title", "")), taken)
            made.append(whole)
        return made


def _new_picture() -> dict[str, forms.Field]:
    kinds = forms.FileInput(attrs={"accept": "image/png,image/jpeg"})
    return {
        "picture": forms.FileField(
            label=_("Add a picture"), required=False, widget=kinds,
            help_text=_("PNG or JPEG. It is kept 1280 dots wide or high at most."),
        ),
        "picture_title": forms.CharField(
            label=_("What it shows, in words"), required=False, max_length=200,
            help_text=_("Read out to whoever cannot see it."),
        ),
    }  # fmt: skip


def _is_flag(field: forms.BoundField) -> bool:
    return isinstance(field.field, forms.BooleanField)
