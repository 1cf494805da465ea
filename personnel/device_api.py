"""Who asks over the API: a device by its token, acting for one person in one role."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from ledger.event import Actor
from personnel import device_queries, session
from personnel.models import Account, DeviceRow

SCHEME = "Bearer"


class DeviceToken(BaseAuthentication):
    """`Authorization: Bearer <token>`, for a device that was permitted and not revoked."""

    def authenticate(self, request: Request) -> tuple[Account, DeviceRow] | None:
        said = get_authorization_header(request).split()
        if not said or said[0].lower() != SCHEME.lower().encode():
            return None
        token = said[1].decode("ascii", "replace") if len(said) == 2 else ""
        device = device_queries.of_token(token)
        if device is None:
            raise AuthenticationFailed(
                _("No device bears this token, or it was revoked. Draw a new one.")
            )
        account = Account.objects.filter(person=device.person, is_active=True).first()
        if account is None:
            raise AuthenticationFailed(_("Whom this device acts for has no open account."))
        account.role = device.role
        return account, device

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="Lotbook"'


class DeviceTokenScheme(OpenApiAuthenticationExtension):
    target_class = "personnel.device_api.DeviceToken"
    name = "deviceToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": SCHEME.lower()}


class DeviceThrottle(SimpleRateThrottle):
    """So many requests a minute for each device, or person at a browser."""

    scope = "api"
    rate = f"{settings.LOTBOOK_API_REQUESTS}/min"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        who = request.auth.device if isinstance(request.auth, DeviceRow) else request.user
        return f"throttle_api_{getattr(who, 'person', who)}"


def actor_of(request: Request) -> Actor:
    """Who acts: the person whom the device acts for, at the device; or who is signed in."""
    if isinstance(request.auth, DeviceRow):
        device = request.auth
        return Actor(person=device.person, role=device.role, terminal=device.device)
    return session.actor_of(request._request)
