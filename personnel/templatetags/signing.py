"""What `components/sign.html` must know: whether and how the person of this request signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.signature import Meaning
from personnel import signing_series
from personnel.session import actor_of
from personnel.signing import standing_key
from personnel.signing_forms import SignatureForm
from personnel.signing_standing import Signature, made_by, standing

register = template.Library()
# What a signature stands for, as a sentence of the person who signs.
SAYS = {
    Meaning.PERFORMED: _("I performed this."),
    Meaning.VERIFIED: _("I verified this; somebody else performed it."),
    Meaning.REVIEWED: _("I reviewed this."),
    Meaning.APPROVED: _("I approve this."),
    Meaning.CERTIFIED: _("I certify this."),
    Meaning.REJECTED: _("I reject this."),
    Meaning.ACKNOWLEDGED: _("I acknowledge this."),
    Meaning.AUTHORED: _("I wrote this."),
    Meaning.WITNESSED: _("I watched this being done."),
}


@dataclass(frozen=True)
class Asked:
    """What the signature's part of a form shows."""

    how: str  # "none", "all", "pin" or "passkey"
    form: SignatureForm
    says: Any
    why_not: str = ""


@register.simple_tag(takes_context=True)
def signature_asked(context: Any, meaning: str) -> Asked:
    """How the person of this request would sign now; what is shown is a courtesy, not the check."""
    request = context["request"]
    says = SAYS[Meaning(meaning)]
    actor = actor_of(request)
    form = SignatureForm(auto_id="sign_%s")
    own = standing_key(actor.person)
    if own.refusal is not None:
        why = gettext(own.refusal.template).format(**own.refusal.params)
        return Asked("none", form, says, why)
    if own.passkey:
        return Asked("passkey", form, says)
    place = signing_series.place_of(request, actor)
    return Asked("pin" if signing_series.running(place) else "all", form, says)


@register.simple_tag
def signatures_about(event_id: UUID) -> list[Signature]:
    """The signatures over an event and, where it is a signature itself, what it is worth."""
    return [*standing([event_id]).get(event_id, []), *made_by(event_id)]
