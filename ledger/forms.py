"""The forms of the ledger's pages: the trail's filter, the export's, an upload, a reason."""

import zipfile
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ledger import ports, queries, trail, verify
from ledger.event import event_types
from ledger.queries import ADMINISTRATORS, TrailFilter

QUICK = {
    "refusals": _("Refusals"),
    "corrections": _("Corrections"),
    "administrators": _("Administrator actions"),
    "signatures": _("Signatures"),
}
MEGABYTE = 1024 * 1024
LARGEST_BUNDLE = 60 * MEGABYTE  # with the form around it still within what the proxy lets through
MOMENT = "%Y-%m-%dT%H:%M"


def _keep_typed(form: forms.Form) -> None:
    """A browser's date field shows nothing where it cannot read the value; a text field does."""
    for name in form.errors:
        widget = form.fields[name].widget if name in form.fields else None
        if isinstance(widget, forms.DateTimeInput):
            widget.attrs["type"] = "text"


def types_ending(word: str) -> tuple[str, ...]:
    """The event types whose name ends in a word, such as every kind of refusal."""
    return tuple(sorted(name for name in event_types() if name.endswith(word)))


def type_label(name: str) -> str:
    """`equipment.logbook_entry_made` as people read it: Equipment: logbook entry made."""
    room, _dot, what = name.partition(".")
    return f"{room.replace('_', ' ').capitalize()}: {what.replace('_', ' ').replace('.', ' ')}"


def in_words(value: str) -> str:
    """`qa_reviewer` as people read it: QA reviewer."""
    words = value.split("_")
    return " ".join(word.upper() if word in {"qa", "qc"} else word for word in words)


def _believable(moment: datetime) -> None:
    """Refuse years at the ends of the calendar, where a time zone would lead out of it."""
    if not 1970 < moment.year < 9990:
        raise ValidationError(_("Choose a year between 1971 and 9989."))


class Moment(forms.DateTimeField):
    """A date and time of the site's zone, which its label names; in UTC where it ends in a Z."""

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            raise ValidationError(
                _(
                    "The clocks change in this hour, so it is there twice or not at all. Write it"
                    " in UTC, with a Z at its end, such as 2026-10-25 00:30Z."
                )
            ) from None


def _moment(label: Any, **kwargs: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format=MOMENT)
    return Moment(
        label=format_lazy("{label} ({zone})", label=label, zone=settings.TIME_ZONE),
        required=False,
        widget=widget,
        validators=[_believable],
        error_messages={"invalid": _("Write a date and a time, such as 2026-03-02 14:30.")},
        **kwargs,
    )


class TrailForm(forms.Form):
    """The trail's filter. Everything stands in the address, so a finding can be sent on."""

    q = forms.CharField(label=_("Words of the reason"), required=False, max_length=200)
    person = forms.CharField(label=_("Person"), required=False, max_length=200)
    role = forms.ChoiceField(label=_("Role"), required=False)
    type = forms.ChoiceField(label=_("What happened"), required=False)
    stream_type = forms.ChoiceField(label=_("Kind of record"), required=False)
    stream = forms.CharField(label=_("Record"), required=False, max_length=130)
    since = _moment(_("From"))
    until = _moment(_("Before"))
    at = _moment(_("As it was on"))
    quick = forms.ChoiceField(required=False, choices=[("", ""), *QUICK.items()])
    sort = forms.ChoiceField(required=False, choices=[("", ""), ("oldest", "oldest")])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = queries.values_of("person")
        self.names = ports.printed_names(self.people)
        self._offer("role", [(role, ports.role_name(role)) for role in queries.values_of("role")])
        self._offer("type", sorted((name, type_label(name)) for name in event_types()))
        kinds = queries.values_of("stream_type")
        self._offer("stream_type", [(kind, in_words(kind)) for kind in kinds])
        self.fields["q"].widget.attrs |= {"data-search": "", "type": "search"}
        self.fields["person"].widget.attrs |= {"list": "people", "autocomplete": "off"}
        self.fields["stream"].widget.attrs |= {"placeholder": "CF-02", "autocomplete": "off"}

    def _offer(self, name: str, found: list[tuple[str, str]]) -> None:
        """The values to choose from, and the one asked for even where nothing bears it yet."""
        asked = self.data.get(name, "")
        extra = [(asked, asked)] if asked and asked not in dict(found) else []
        self.fields[name].choices = [("", _("Any")), *found, *extra]  # type: ignore[attr-defined]

    def offered_people(self) -> list[tuple[str, str]]:
        """Pseudonyms with their names, for the list beneath the field."""
        return _offered(self.people, self.names)

    def clean_person(self) -> str:
        """A pseudonym, or a name, or a part of one, that only one person bears."""
        return _person(self.cleaned_data["person"], self.people, self.names)

    def clean_q(self) -> str:
        """Words that can be found."""
        typed = self.cleaned_data["q"].strip()
        if typed and not trail.words_of(typed):
            raise ValidationError(_("Write at least one word with letters or digits."))
        return typed

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        since, until = found.get("since"), found.get("until")
        if since and until and since >= until:
            self.add_error("until", _("This is not after the beginning. Choose a later moment."))
        _keep_typed(self)
        return found

    def asked(self) -> TrailFilter:
        """The filter that was typed."""
        found = self.cleaned_data
        stream_type, stream_id = found["stream_type"], found["stream"].strip()
        if "/" in stream_id:
            stream_type, _slash, stream_id = stream_id.partition("/")
        return TrailFilter(
            person=_one(found["person"]),
            role=self._roles(),
            type=self._types(),
            stream_type=_one(stream_type),
            stream_id=_one(stream_id),
            words=tuple(trail.words_of(found["q"])),
            since=found["since"],
            until=_earliest(found["until"], found["at"]),
        )

    def _roles(self) -> tuple[str, ...]:
        role = self.cleaned_data["role"]
        if self.cleaned_data["quick"] != "administrators":
            return _one(role)
        return tuple(one for one in ADMINISTRATORS if role in ("", one)) or ("",)

    def _types(self) -> tuple[str, ...]:
        chosen = self.cleaned_data["type"]
        endings = {
            "refusals": "refused",
            "corrections": "corrected",
            "signatures": "signature_applied",
        }
        ending = endings.get(self.cleaned_data["quick"])
        if ending is None:
            return _one(chosen)
        return tuple(one for one in types_ending(ending) if chosen in ("", one)) or ("",)


def _offered(people: list[str], names: dict[str, str]) -> list[tuple[str, str]]:
    return [(person, names.get(person, "")) for person in people]


def _person(typed: str, people: list[str], names: dict[str, str]) -> str:
    """The pseudonym that is meant; what nobody bears is given back and finds nothing."""
    typed = typed.strip()
    if not typed or typed in people:
        return typed
    sought = typed.casefold()
    bearers = [person for person, name in names.items() if name.casefold() == sought]
    bearers = bearers or [person for person, name in names.items() if sought in name.casefold()]
    if len(bearers) > 1:
        raise ValidationError(_("Several people bear this name. Choose one by the pseudonym."))
    return bearers[0] if bearers else typed


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _earliest(until: datetime | None, at: datetime | None) -> datetime | None:
    """As it was on a moment: with all that a clock on the wall would give the same second."""
    ends = [until] if until else []
    if at:
        ends.append(at + timedelta(seconds=1))
    return min(ends, default=None)


class ReasonForm(forms.Form):
    """Why, in the person's own words; the command decides whether that is enough."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class UploadForm(forms.Form):
    """A bundle to verify."""

    bundle = forms.FileField(
        label=_("Bundle"),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,application/zip"}),
        error_messages={"required": _("Choose the bundle's zip file first.")},
        help_text=format_lazy(
            _("A zip file of up to {limit} MB."), limit=LARGEST_BUNDLE // MEGABYTE
        ),
    )
    key = forms.CharField(
        label=_("The log's key, as you know it from elsewhere"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "Without it the bundle is checked with the keys that came inside it, and the result"
            " says so."
        ),
    )

    def clean_bundle(self) -> Any:
        """Not larger than this page takes."""
        upload = self.cleaned_data["bundle"]
        if upload.size > LARGEST_BUNDLE:
            limit = LARGEST_BUNDLE // MEGABYTE
            raise ValidationError(
                _(
                    "This file is larger than %(limit)s MB. Check it with your own copy of"
                    " verify.py, never with the one that lies in it."
                ),
                params={"limit": limit},
            )
        if not zipfile.is_zipfile(upload):
            raise ValidationError(
                _("This is not a zip file. Choose the bundle that an export page made.")
            )
        upload.seek(0)
        return upload

    def clean_key(self) -> str:
        """A verifier key as a log prints it: name, eight hex digits, the key's code."""
        typed = self.cleaned_data["key"].strip()
        try:
            if typed:
                verify.parse_vkey(typed)
        except verify.BadNote:
            raise ValidationError(
                _(
                    "This is not a log's key. It reads as name+1a2b3c4d+AbC…: copy it whole, with"
                    " both plus signs, from where the other site published it."
                )
            ) from None
        return typed


class ExportForm(forms.Form):
    """What to export: only what an entry itself states, so that completeness can be proved."""

    stream_type = forms.ChoiceField(label=_("Kind of record"), required=False)
    stream_id = forms.CharField(label=_("Record"), required=False, max_length=80)
    type = forms.ChoiceField(label=_("What happened"), required=False)
    actor = forms.CharField(label=_("Person"), required=False, max_length=80)
    since = _moment(_("From"))
    until = _moment(_("Before"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind, in_words(kind)) for kind in queries.values_of("stream_type")]
        types = sorted((name, type_label(name)) for name in event_types())
        self.fields["stream_type"].choices = [("", _("Any")), *kinds]  # type: ignore[attr-defined]
        self.fields["type"].choices = [("", _("Any")), *types]  # type: ignore[attr-defined]
        self.people = queries.values_of("person")
        self.names = ports.printed_names(self.people)
        self.fields["actor"].widget.attrs |= {"list": "people", "autocomplete": "off"}

    def offered_people(self) -> list[tuple[str, str]]:
        """Pseudonyms with their names, for the list beneath the field."""
        return _offered(self.people, self.names)

    def clean_actor(self) -> str:
        """A pseudonym, or a name, or a part of one, that only one person bears."""
        return _person(self.cleaned_data["actor"], self.people, self.names)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        since, until = found.get("since"), found.get("until")
        if since and until and since >= until:
            self.add_error("until", _("This is not after the beginning. Choose a later moment."))
        _keep_typed(self)
        return found

    def asked(self) -> dict[str, Any]:
        """The filter as keyword values, without what was left empty."""
        return {name: value for name, value in self.cleaned_data.items() if value}
