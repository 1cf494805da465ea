"""Signing keys: what pages read of them, and the rows that are secret or pass away."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SigningKey(models.Model):
    """A key as the ledger knows it: whose, confirmed by whom, until when."""

    read_model = True

    key = models.CharField(_("key"), max_length=40, primary_key=True)
    person = models.CharField(_("person"), max_length=40, db_index=True)
    algorithm = models.CharField(_("algorithm"), max_length=40)
    public_key = models.TextField(_("public key"))
    enrolled_at = models.DateTimeField(_("enrolled"))
    enrolled_event = models.UUIDField(_("enrolment"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    confirmed_by = models.CharField(_("confirmed by"), max_length=40, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_by = models.CharField(_("withdrawn by"), max_length=40, blank=True)
    withdrawn_why = models.TextField(_("why it was withdrawn"), blank=True)

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")

    def __str__(self) -> str:
        return self.key


class PolicyRead(models.Model):
    """The version of the signature policy that a person acknowledged last."""

    read_model = True

    person = models.CharField(_("person"), max_length=40, primary_key=True)
    policy = models.CharField(_("version"), max_length=40)
    policy_sha256 = models.CharField(_("hash"), max_length=64)
    read_at = models.DateTimeField(_("acknowledged"))

    class Meta:
        verbose_name = _("acknowledged policy")
        verbose_name_plural = _("acknowledged policies")

    def __str__(self) -> str:
        return f"{self.person} {self.policy}"


class WrappedKey(models.Model):
    """The private half, which only its owner's secret opens. No event carries it."""

    key = models.CharField(max_length=40, primary_key=True)
    person = models.CharField(max_length=40, db_index=True)
    wrapped = models.TextField()

    def __str__(self) -> str:
        return self.key


class SigningSeries(models.Model):
    """A continuous series of signatures of one session: its copy of the key, and wrong PINs."""

    session = models.CharField(max_length=64, primary_key=True)  # a hash: the key itself is secret
    person = models.CharField(max_length=40, db_index=True)
    role = models.CharField(max_length=40)
    terminal = models.CharField(max_length=40)
    key = models.CharField(max_length=40)
    copy = models.BinaryField()
    used_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.person


class SigningTries(models.Model):
    """Wrong signing secrets of one person in a row, so that guessing ends."""

    person = models.CharField(max_length=40, primary_key=True)
    wrong = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.person


class Passkey(models.Model):
    """A passkey's credential and counter. Its public key is on the trail."""

    key = models.CharField(max_length=40, primary_key=True)
    person = models.CharField(max_length=40, db_index=True)
    credential = models.TextField(unique=True)
    counter = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.key


class PreparedSignature(models.Model):
    """What a passkey is asked to sign: the exact bytes, for two minutes. Those or nothing."""

    id = models.UUIDField(primary_key=True)
    person = models.CharField(max_length=40, db_index=True)
    session = models.CharField(max_length=64)
    command = models.UUIDField()
    statement = models.BinaryField()
    events = models.TextField()  # ids, streams, versions and bodies' hashes of what is signed
    acted_at = models.DateTimeField()
    signed_at = models.CharField(max_length=40)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)
