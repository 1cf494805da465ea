"""The roles a person may hold, named as the rules name them. Pure: constants alone."""

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

# Held by no account: the server's own shell, and the sign-in page before it knows who is there.
CONSOLE = "console"
DOOR = "door"


def label(role: str) -> str:
    """The role's name in English prose; pages translate it."""
    return LABELS.get(role, role.replace("_", " "))
