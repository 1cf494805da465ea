"""The forms of the door. They check shape alone; the views decide who comes in."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def _secret(label: Any, autocomplete: str, **more: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=1024, widget=widget, **more)


class OwnPasswordForm(forms.Form):
    """The old password, and the new one twice."""

    old = _secret(_("Password until now"), "current-password")
    new = _secret(
        _("New password"),
        "new-password",
        help_text=_("Twelve characters or more. A sentence is good; nothing about yourself is."),
    )
    again = _secret(_("New password again"), "new-password")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_old(self) -> str:
        old = str(self.cleaned_data["old"])
        if not self.user.check_password(old):
            raise forms.ValidationError(_("This is not your password until now."))
        return old

    def clean_new(self) -> str:
        new = str(self.cleaned_data["new"])
        validate_password(new, self.user)
        return new

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        new = found.get("new")
        if new and found.get("again") not in (None, new):
            self.add_error("again", _("The two new passwords differ. Type both again."))
        if new and new == found.get("old"):
            self.add_error("new", _("This is the old password. Choose another."))
        return found
