"""The roles a person may hold, named as the rules name them. Pure: constants alone."""

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

ROLES = (
    OPERATOR,
    VERIFIER,
    SUPERVISOR,
    QA_REVIEWER,
    QUALIFIED_PERSON,
    QC_ANALYST,
    PROCESS_ENGINEER,
    MAINTENANCE,
    DATA_SCIENTIST,
    DATA_PROTECTION_OFFICER,
    INSPECTOR,
    SYSTEM_ADMINISTRATOR,
)

# Held by no account: the server's own shell, and the sign-in page before it knows who is there.
CONSOLE = "console"
DOOR = "door"
