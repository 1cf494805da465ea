"""Somebody of a role at a browser that has not been anywhere yet, without signing in each time.

Signing in anew for every address of a walk takes longer than the addresses do. So a browser is used
again as long as its session is, to the letter, what signing in left; else there is a new one.
"""

from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from django.conf import settings
from django.test import Client


@dataclass
class Browser:
    client: Client
    account: Any
    key: str
    left: dict[str, Any]

    def as_it_was(self, account: Any) -> bool:
        """Whether the session stands as signing in left it, for this account as it is now."""
        known = (self.account.pk, self.account.get_session_auth_hash())
        if known != (account.pk, account.get_session_auth_hash()):
            return False
        self.client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: self.key})
        return dict(self.client.session) == self.left


_browsers: dict[str, Browser] = {}


def as_fresh(role: str) -> Client:
    """A browser at which somebody of the role has signed in and done nothing else."""
    from personnel.models import Account

    account = Account.objects.filter(role=role, is_active=True).earliest("pk")
    found = _browsers.get(role)
    if found is None or not found.as_it_was(account):
        client = Client(raise_request_exception=False)
        client.force_login(account)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        found = _browsers[role] = Browser(client, account, key, dict(client.session))
    return found.client
