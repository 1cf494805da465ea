"""What may be asked about devices that act over the API: permit, draw a token, revoke."""

from __future__ import annotations

from ledger.command import Act, command
from ledger.event import marked as _
from personnel import device as devices
from personnel import vouching
from personnel.authority import holds
from personnel.roles import INSPECTOR, ROLES, SYSTEM_ADMINISTRATOR

STREAM = "device"
RECORD = "device/{device}"


@command(
    "personnel.permit_device",
    role=(SYSTEM_ADMINISTRATOR,),
    label=_("permit a device to act for {person}"),
    record=RECORD,
)
def permit(act: Act, *, device: str, name: str, person: str, role: str) -> None:
    """Permit a device to act for a person, who then draws its token."""
    events = devices.permit(
        _load(act, device),
        device=device,
        name=name,
        person=person,
        role=role,
        is_held=holds(person, role),
    )
    act.record(STREAM, device, events)


@command(
    "personnel.draw_device_token",
    role=devices.ACTING,
    label=_("draw a token for device {device}"),
    record=RECORD,
    private=("token_sha256",),
)
def draw(act: Act, *, device: str, token_sha256: str) -> None:
    """Let a device speak in one's own name. Whoever draws it is surely there."""
    vouching.demand_known(act.actor.person)
    events = devices.draw(
        _load(act, device), device=device, person=act.actor.person, token_sha256=token_sha256
    )
    act.record(STREAM, device, events)


@command(
    "personnel.revoke_device",
    role=tuple(role for role in ROLES if role != INSPECTOR),
    label=_("revoke device {device}"),
    record=RECORD,
    needs_reason=True,
)
def revoke(act: Act, *, device: str) -> None:
    """Take a device's voice away: lost, stolen, replaced, or no longer wanted."""
    events = devices.revoke(
        _load(act, device), device=device, by=act.actor.person, role=act.actor.role
    )
    act.record(STREAM, device, events)


def _load(act: Act, device: str) -> devices.Device:
    return act.load(STREAM, device, devices.INITIAL, devices.evolve)
