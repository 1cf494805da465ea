"""Sign-in accounts. Role and standing change only by command; names stay outside the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personnel.roles import SYSTEM_ADMINISTRATOR, label


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts. Opening one is `personnel.commands.open_account`, never a manager call."""


class Account(AbstractBaseUser):
    """One way in for one person. Never deleted, so that a sign-in name is never given twice."""

    last_login = None  # the ledger knows; Django would write it unrecorded

    id = models.CharField(_("account"), max_length=40, primary_key=True)
    username = models.CharField(_("sign-in name"), max_length=150, unique=True)
    person = models.CharField(_("person"), max_length=40, db_index=True)
    printed_name = models.CharField(_("printed name"), max_length=200, blank=True)
    role = models.CharField(_("role"), max_length=40)
    is_active = models.BooleanField(_("open"), default=True)
    is_demo = models.BooleanField(_("demo person"), default=False)

    objects = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("username",)
        constraints = (
            models.UniqueConstraint(
                fields=("person",),
                condition=models.Q(is_active=True),
                name="personnel_account_one_each",
            ),
        )

    def get_full_name(self) -> str:
        return self.printed_name or self.username

    @property
    def role_name(self) -> str:
        return gettext(label(self.role))

    @property
    def is_staff(self) -> bool:
        """The read-only admin site is for the system administrator alone."""
        return self.is_active and self.role == SYSTEM_ADMINISTRATOR

    @property
    def is_superuser(self) -> bool:
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Admin pages may look; nobody may add, change or delete through them."""
        return self.is_staff and perm.split(".")[-1].startswith("view_")

    def has_perms(self, perms: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
