"""The roles a person may hold, named as the rules name them, and which exclude each other. Pure."""

from collections.abc import Iterable

from ledger.event import Refused
from ledger.event import marked as _

OPERATOR = "operator"
VERIFIER = "verifier"
SUPERVISOR = "supervisor"
QA_REVIEWER = "qa_reviewer"
QUALIFIED_PERSON = "qualified_person"
QC_ANALYST = "qc_analyst"
PROCESS_ENGINEER = "process_engineer"
MAINTENANCE = "maintenance"
DATA_SCIENTIST = "data_scientist"
DATA_PROTECTION_OFFICER = "data_protection_officer"
INSPECTOR = "inspector"
SYSTEM_ADMINISTRATOR = "system_administrator"

LABELS = {
    OPERATOR: _("operator"),
    VERIFIER: _("verifier"),
    SUPERVISOR: _("supervisor"),
    QA_REVIEWER: _("QA reviewer"),
    QUALIFIED_PERSON: _("Qualified Person"),
    QC_ANALYST: _("QC analyst"),
    PROCESS_ENGINEER: _("process engineer"),
    MAINTENANCE: _("maintenance"),
    DATA_SCIENTIST: _("data scientist"),
    DATA_PROTECTION_OFFICER: _("data protection officer"),
    INSPECTOR: _("inspector"),
    SYSTEM_ADMINISTRATOR: _("system administrator"),
}
ROLES = tuple(LABELS)

# Who makes, checks or releases something that reaches a patient.
GMP_ROLES = (
    OPERATOR,
    VERIFIER,
    SUPERVISOR,
    QA_REVIEWER,
    QUALIFIED_PERSON,
    QC_ANALYST,
    PROCESS_ENGINEER,
    MAINTENANCE,
)

# Held by no account: the server's own shell, and the sign-in page before it knows who is there.
CONSOLE = "console"
DOOR = "door"


def label(role: str) -> str:
    """The role's name in English prose; pages translate it."""
    return LABELS.get(role, role.replace("_", " "))


def check_grant(held: Iterable[str], wanted: str) -> None:
    """Segregation of duties: refuse a role that does not go with those the person holds.

    A system administrator could alter what a GMP role has recorded, and an inspector is a guest who
    looks: each of the two stands alone.
    """
    others = sorted(set(held))
    if wanted not in LABELS:
        raise Refused(_("There is no role “{role}”."), role=wanted, code="unknown_role")
    if wanted in others:
        raise Refused(
            _("This person holds the role {role} already."), role=label(wanted), code="role_held"
        )
    for alone, why in _ALONE.items():
        if others and alone in (wanted, *others):
            other = wanted if alone in others else others[0]
            raise Refused(why, role=label(wanted), other=label(other), code="segregation_of_duties")


_ALONE = {
    SYSTEM_ADMINISTRATOR: _(
        "A system administrator holds no other role, so {other} cannot be combined with it."
        " Withdraw one of the two, or give it to another person."
    ),
    INSPECTOR: _(
        "An inspector looks and holds no other role, so {other} cannot be combined with it."
        " Give it to another person."
    ),
}
