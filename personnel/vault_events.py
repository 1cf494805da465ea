"""What the ledger keeps about the subjects of the identity vault: pseudonyms alone. Pure."""

from __future__ import annotations

from ledger.event import event_type


@event_type(
    "personnel.subject_registered",
    1,
    sentence="{subject} was registered as {kind} and is kept until {keep_until}.",
    owner="personnel",
    retention="traceability",
)
class SubjectRegistered:
    subject: str
    kind: str
    rule: str
    counted_from: str
    keep_until: str


@event_type(
    "personnel.subject_corrected",
    1,
    sentence="The sealed record of {subject} was corrected: version {old} became version {new}.",
    owner="personnel",
    retention="traceability",
)
class SubjectCorrected:
    """Both versions stay sealed in the vault; the trail names the fields, never their values."""

    subject: str
    old: int
    new: int
    fields: list[str]


@event_type(
    "personnel.subject_retention_extended",
    1,
    sentence="{subject}, who was kept until {old}, is kept until {new}.",
    owner="personnel",
    retention="traceability",
)
class RetentionExtended:
    subject: str
    counted_from: str
    old: str
    new: str


@event_type(
    "personnel.subject_identifiers_shown",
    1,
    sentence="Two identifiers of {subject} were shown for {purpose} of {reference}.",
    owner="personnel",
    retention="traceability",
)
class IdentifiersShown:
    subject: str
    purpose: str
    reference: str
    identifiers: list[str]


@event_type(
    "personnel.unmasking_asked",
    1,
    sentence="{asked_by} asked to see who {subject} is ({request}).",
    owner="personnel",
    retention="traceability",
)
class UnmaskingAsked:
    subject: str
    request: str
    asked_by: str


@event_type(
    "personnel.unmasking_granted",
    1,
    sentence="{asked_by} may see who {subject} is until {until} ({request}).",
    owner="personnel",
    retention="traceability",
)
class UnmaskingGranted:
    subject: str
    request: str
    asked_by: str
    until: str


@event_type(
    "personnel.unmasking_declined",
    1,
    sentence="{asked_by} may not see who {subject} is ({request}).",
    owner="personnel",
    retention="traceability",
)
class UnmaskingDeclined:
    subject: str
    request: str
    asked_by: str


@event_type(
    "personnel.subject_unmasked",
    1,
    sentence="{seen_by} saw who {subject} is ({request}).",
    owner="personnel",
    retention="traceability",
)
class SubjectUnmasked:
    subject: str
    request: str
    seen_by: str


@event_type(
    "personnel.subject_looked_up",
    1,
    sentence="A {kind} was looked up by number ({purpose}, {reference}): {found}.",
    owner="personnel",
    retention="traceability",
)
class SubjectLookedUp:
    kind: str
    purpose: str
    reference: str
    found: str  # the pseudonym, or "nobody"; what was typed is never kept


@event_type(
    "personnel.subject_copied",
    1,
    sentence="{seen_by} took a copy of all that is held on {subject} ({request}).",
    owner="personnel",
    retention="traceability",
)
class SubjectCopied:
    """What a person asks for under Article 15 of the GDPR. The copy is made and not kept."""

    subject: str
    request: str
    seen_by: str


@event_type(
    "personnel.subject_erased",
    1,
    sentence="The key of {subject} was destroyed ({ground}): nobody can read who it was.",
    owner="personnel",
    retention="traceability",
)
class SubjectErased:
    subject: str
    ground: str
