"""A device or program that acts for one person over the API, by a token of its own. Pure.

The administrator permits it; the person it acts for draws the token, so that nobody else has ever
seen what speaks in their name. Only the token's hash is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ledger.event import Refused, event_type
from ledger.event import marked as _
from personnel.roles import INSPECTOR, LABELS, SYSTEM_ADMINISTRATOR, label

LONGEST = 80
ACTING = tuple(role for role in LABELS if role not in (SYSTEM_ADMINISTRATOR, INSPECTOR))


@event_type(
    "personnel.device_permitted",
    1,
    sentence="Device {device} ({name}) was permitted to act for {person} in the role {role}.",
    owner="personnel",
    retention="system",
)
class DevicePermitted:
    device: str
    name: str
    person: str
    role: str


@event_type(
    "personnel.device_token_drawn",
    1,
    sentence="{person} drew a token for device {device}; an earlier one holds no more.",
    owner="personnel",
    retention="system",
)
class DeviceTokenDrawn:
    device: str
    person: str
    token_sha256: str


@event_type(
    "personnel.device_revoked",
    1,
    sentence="Device {device} may act for {person} no more.",
    owner="personnel",
    retention="system",
)
class DeviceRevoked:
    device: str
    person: str


@dataclass(frozen=True, kw_only=True)
class Device:
    name: str = ""
    person: str = ""
    role: str = ""
    token_sha256: str = ""
    revoked: bool = False


INITIAL = Device()


def evolve(state: Device, event: Any) -> Device:
    match event:
        case DevicePermitted(name=name, person=person, role=role):
            return Device(name=name, person=person, role=role)
        case DeviceTokenDrawn(token_sha256=digest):
            return replace(state, token_sha256=digest)
        case DeviceRevoked():
            return replace(state, revoked=True)
    raise ValueError(f"A device does not know the event {type(event).__name__}.")


def permit(
    state: Device, *, device: str, name: str, person: str, role: str, is_held: bool
) -> list[DevicePermitted]:
    name = " ".join(name.split())
    if state.name:
        raise Refused(_("This device was permitted already."), code="permitted")
    if not 1 <= len(name) <= LONGEST:
        raise Refused(_("Give the device a name in a few words."), code="name")
    if role not in ACTING:
        raise Refused(_("Choose the role in which the device acts."), code="role")
    if not is_held:
        raise Refused(
            _("{person} has no open account as {role}, so no device can act so for them."),
            person=person,
            role=label(role),
            code="no_account",
        )
    return [DevicePermitted(device=device, name=name, person=person, role=role)]


def draw(state: Device, *, device: str, person: str, token_sha256: str) -> list[DeviceTokenDrawn]:
    _standing(state)
    if state.person != person:
        raise Refused(
            _("This device acts for somebody else: they draw its token themselves."),
            code="other_person",
        )
    return [DeviceTokenDrawn(device=device, person=person, token_sha256=token_sha256)]


def revoke(state: Device, *, device: str, by: str, role: str) -> list[DeviceRevoked]:
    _standing(state)
    if by != state.person and role != SYSTEM_ADMINISTRATOR:
        raise Refused(
            _("A device is revoked by whom it acts for, or by the system administrator."),
            code="other_person",
        )
    return [DeviceRevoked(device=device, person=state.person)]


def _standing(state: Device) -> None:
    if not state.name or state.revoked:
        raise Refused(_("No such device is permitted, or it was revoked."), code="no_device")
