"""The fields that come with a signature, and the forms of the signing pages."""

from __future__ import annotations

import itertools
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.asking import AskForm

SECRET_LENGTH, PIN_LENGTH = 12, 6


def _secret(label: Any, **attrs: Any) -> forms.CharField:
    quiet = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    widget = forms.PasswordInput(attrs=quiet | attrs)
    return forms.CharField(label=label, required=False, strip=False, max_length=1024, widget=widget)


def pin_field(label: Any, **attrs: Any) -> forms.CharField:
    return _secret(label, inputmode="numeric", **attrs)


class SignatureForm(forms.Form):
    """What a person types to sign. A room's own form never holds these: they reach no command.

    `components/sign.html` shows them; `signing.credentials(request)` reads them.
    """

    signing_name = forms.CharField(
        label=_("Sign-in name"),
        required=False,
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    signing_secret = _secret(_("Signing secret"))
    signing_pin = pin_field(_("PIN"))
    signing_prepared = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    signing_assertion = forms.CharField(widget=forms.HiddenInput, required=False, max_length=8000)


class EnrolForm(AskForm):
    """A key of one's own. The two secrets go no further than the wrapping of the key."""

    policy_sha256 = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    acknowledge = forms.BooleanField(
        label=_("I have read the signature policy and will keep to it."), required=False
    )
    secret = _secret(_("Signing secret"), autocomplete="new-password", minlength=str(SECRET_LENGTH))
    secret_again = _secret(_("Signing secret, again"), autocomplete="new-password")
    pin = pin_field(_("PIN"))
    pin_again = pin_field(_("PIN, again"))

    def __init__(self, *args: Any, passwords: Any = None, name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_password = passwords
        self._name = name
        self.fields["secret"].help_text = _(
            "At least 12 characters, and not your password: three or four words you remember."
        )
        self.fields["pin"].help_text = _(
            "At least 6 digits, for the signatures that follow the first."
        )

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        if len(secret) < SECRET_LENGTH or len(set(secret)) < 5:
            raise forms.ValidationError(
                _("Choose a signing secret of 12 characters or more that nobody guesses.")
            )
        if self._name and self._name.casefold() in secret.casefold():
            raise forms.ValidationError(_("Leave your sign-in name out of your signing secret."))
        if self._is_password is not None and self._is_password(secret):
            raise forms.ValidationError(
                _("This is your password. The signing secret must be another.")
            )
        return secret

    def clean_pin(self) -> str:
        pin: str = self.cleaned_data["pin"]
        if len(pin) < PIN_LENGTH or not (pin.isascii() and pin.isdigit()) or _too_simple(pin):
            raise forms.ValidationError(
                _("Choose 6 digits or more, not one digit repeated nor a run such as 123456.")
            )
        return pin

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        for name in ("secret", "pin"):
            again = f"{name}_again"
            if found.get(name) and found.get(name) != found.get(again):
                self.add_error(again, _("This is not the same. Type it again."))
        if not found.get("acknowledge"):
            self.add_error("acknowledge", _("Without this you cannot sign here."))
        return found


def _too_simple(pin: str) -> bool:
    steps = {int(b) - int(a) for a, b in itertools.pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, -1}


class PasskeyForm(AskForm):
    """A new passkey: what the authenticator answered, filled in by static/js/passkey.js."""

    policy_sha256 = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    attestation = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)
    acknowledge = forms.BooleanField(
        label=_("I have read the signature policy and will keep to it."), required=False
    )

    def clean_acknowledge(self) -> bool:
        if not self.cleaned_data["acknowledge"]:
            raise forms.ValidationError(_("Without this you cannot sign here."))
        return True


class AcknowledgeForm(AskForm):
    policy_sha256 = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class ConfirmForm(AskForm):
    person = forms.CharField(widget=forms.HiddenInput, max_length=40)
    key = forms.CharField(
        label=_("Number of the key, as it stands on their page"),
        required=False,
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class WithdrawForm(AskForm):
    reason = forms.CharField(
        label=_("Why is the key withdrawn?"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
