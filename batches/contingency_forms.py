"""Forms of work on paper and of kept files. They check shape alone: the command decides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from batches.attachment import LARGEST
from batches.contingency import DESTROYED, LOST, USED, VOID, Copy
from batches.forms import AskForm

ABOUT = _("A PDF, a PNG or JPEG picture, or a CSV table; at most 20 MB.")


class PaperForm(AskForm):
    reason = forms.CharField(
        label=_("Why on paper?"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Power is out, tablets do not charge")}),
    )


class AccountForm(AskForm):
    """Each sheet in hand: used, void, or not looked at yet."""

    reason = forms.CharField(label=_("Why are sheets void?"), required=False)

    def __init__(self, copy: Copy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.open = [n for n in range(1, copy.sheets + 1) if n not in copy.fates]
        for number in self.open:
            self.fields[f"sheet_{number}"] = forms.ChoiceField(
                label=_("Sheet %(number)s") % {"number": number},
                required=False,
                choices=[("", _("Not yet")), (USED, _("Used")), (VOID, _("Void"))],
            )

    def said(self, fate: str) -> list[int]:
        return [n for n in self.open if self.cleaned_data.get(f"sheet_{n}") == fate]

    def sheets(self) -> list[forms.BoundField]:
        return [self[f"sheet_{number}"] for number in self.open]


class UploadForm(AskForm):
    file = forms.FileField(label=_("File"), required=False, help_text=ABOUT)

    def content(self) -> bytes:
        """What was sent; nothing where no file was chosen."""
        sent = self.cleaned_data.get("file")
        return b"" if sent is None else bytes(sent.read(LARGEST + 1))


class FileForm(UploadForm):
    about = forms.CharField(label=_("What is it?"), required=False)
    step = forms.IntegerField(
        label=_("Of step (nothing: of the whole batch)"), required=False, min_value=0
    )


def _sheets(label: Any, sheets: Iterable[int], ticked: Iterable[int]) -> forms.Field:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=[(str(n), str(n)) for n in sheets],
        initial=[str(n) for n in ticked],
        widget=forms.CheckboxSelectMultiple,
    )


class ScanForm(UploadForm):
    """The scan of some of the sheets that were used."""

    def __init__(self, copy: Copy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = sorted(n for n, fate in copy.fates.items() if fate == USED)
        missing = [n for n in used if n not in copy.scans]
        self.fields["sheets"] = _sheets(_("Sheets that it shows"), used, missing)


class MissingForm(AskForm):
    """Sheets that are gone: which, how, why."""

    fate = forms.ChoiceField(
        label=_("What became of them?"),
        required=False,
        choices=[
            ("", _("Choose")),
            (LOST, _("Lost: nobody finds them")),
            (DESTROYED, _("Destroyed, or not legible any more")),
        ],
    )
    reason = forms.CharField(
        label=_("How did it happen, and where was it looked for?"), required=False
    )

    def __init__(self, open_sheets: list[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sheets"] = _sheets(_("Sheets that cannot come back"), open_sheets, ())


class GiveUpForm(AskForm):
    """The second person's word about sheets that were declared missing: each is ticked by them."""

    reason = forms.CharField(label=_("What did you look at yourself?"), required=False)

    def __init__(self, declared: Iterable[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sheets"] = _sheets(_("Sheets that cannot come back"), sorted(declared), ())
