"""What the first pages show: what waits for whoever looks, and the demo's invitation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings

from batches import queries
from batches.models import BatchLine
from personnel import waiting
from personnel.queries import demo_accounts
from personnel.session import actor_of

register = template.Library()


@dataclass(frozen=True)
class Invitation:
    """The batch that a visitor goes on with, who does what in it, and what they sign with.

    `ready` is another one, which waits for its first step on a record that comes with Lotbook.
    """

    batch: BatchLine
    operator: Any
    verifier: Any
    reviewer: Any
    secret: str
    pin: str
    ready: BatchLine | None


@register.simple_tag(takes_context=True)
def waits_for_me(context: Any) -> list[waiting.Row]:
    """What waits for the person of this request in their role."""
    return waiting.rows_for(actor_of(context["request"]))


@register.simple_tag
def open_batches() -> int:
    """How many batches are being made."""
    return BatchLine.objects.filter(completed_at=None, aborted_at=None).count()


@register.simple_tag
def demo_invitation() -> Invitation | None:
    """In a demo the batch that stands half way; None elsewhere, and when it is done."""
    if not settings.DEMO:
        return None
    from config.demo_batches import HALFWAY, READY
    from config.demo_signing import PIN, SIGNING_SECRET

    batch = queries.batch(HALFWAY)
    accounts = {row.username: row for row in demo_accounts()}
    marta, ingrid, helena = (accounts.get(name) for name in ("marta", "ingrid", "helena"))
    if batch is None or batch.completed_at or not (marta and ingrid and helena):
        return None
    ready = BatchLine.objects.filter(batch=READY, completed_at=None, aborted_at=None).first()
    return Invitation(batch, marta, ingrid, helena, SIGNING_SECRET, PIN, ready)
