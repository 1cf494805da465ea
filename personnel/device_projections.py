"""Events of devices to rows. The only writer of that table."""

from __future__ import annotations

from ledger.event import Recorded
from ledger.projections import projects
from personnel.device import DevicePermitted, DeviceRevoked, DeviceTokenDrawn
from personnel.models import DeviceRow


@projects(DevicePermitted)
def permit(recorded: Recorded) -> None:
    data = recorded.data
    DeviceRow.objects.create(
        device=data.device,
        name=data.name,
        person=data.person,
        role=data.role,
        permitted_at=recorded.recorded_at,
    )


@projects(DeviceTokenDrawn)
def draw(recorded: Recorded) -> None:
    drawn = {"token_sha256": recorded.data.token_sha256, "drawn_at": recorded.recorded_at}
    DeviceRow.objects.filter(device=recorded.data.device).update(**drawn)


@projects(DeviceRevoked)
def revoke(recorded: Recorded) -> None:
    DeviceRow.objects.filter(device=recorded.data.device).update(revoked_at=recorded.recorded_at)
