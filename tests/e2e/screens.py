"""Every screen of the demo: who looks, and where. Axe walks them; pictures are taken of some."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

OPERATOR, VERIFIER, SUPERVISOR = "Marta Solvedo", "Ingrid Halvand", "Dario Contavalle"
QA, QP, ADMINISTRATOR = "Helena Pratorio", "Joachim Brandhof", "Renata Wilk"
DPO, INSPECTOR, MAINTENANCE = "Sofia Lindqvar", "Emeka Okaforde", "Luc Morevaux"
ANALYST, ENGINEER, SCIENTIST = "Noor van Dijkstra", "Pavel Horasek", "Aiko Tanabori"
NOBODY = ""
# A day within the told week or right after it, whenever this runs: there is something to see.
DAY = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()


@dataclass(frozen=True)
class Screen:
    """A page as one person sees it: the address, or the link that leads on from there."""

    name: str
    who: str
    address: str
    link: str = ""
    status: int = 200

    def open(self, page: Any) -> Any:
        answer = page.goto(self.address)
        if not self.link:
            return answer
        return page.goto(page.locator(self.link).first.get_attribute("href"))


HOMES = tuple(
    Screen(f"home-{role}", who, "/")
    for role, who in {
        "operator": OPERATOR, "verifier": VERIFIER, "supervisor": SUPERVISOR, "qa": QA, "qp": QP,
        "analyst": ANALYST, "engineer": ENGINEER, "maintenance": MAINTENANCE,
        "scientist": SCIENTIST, "dpo": DPO, "inspector": INSPECTOR,
        "administrator": ADMINISTRATOR,
    }.items()
)  # fmt: skip

DOORS = (
    Screen("sign-in", NOBODY, "/sign-in/"),
    Screen("own-roles", SUPERVISOR, "/session/role/"),
    Screen("own-password", OPERATOR, "/session/password/"),
    Screen("not-found", OPERATOR, "/nothing/here/", status=404),
    Screen("not-like-that", OPERATOR, "/sign-in/demo/", status=405),
    Screen("not-yours", INSPECTOR, "/people/enrol/"),
)

BATCHES = (
    Screen("batches", OPERATOR, "/batches/"),
    Screen("batch-open", SUPERVISOR, "/batches/open/"),
    Screen("batch-record", QA, "/batches/CT-0421/"),
    Screen("batch-record-open", OPERATOR, "/batches/CT-0422/"),
    Screen("batch-print", QA, "/batches/CT-0421/print/"),
    Screen("batch-hold", SUPERVISOR, "/batches/CT-0422/hold/"),
    Screen("exceptions", QA, "/batches/exceptions/"),
    Screen("exception", QA, "/batches/CT-0422/exceptions/1/"),
    Screen("recipes", QA, "/batches/recipes/"),
    Screen("recipe", QA, "/batches/recipes/MBR-019/1/"),
    Screen("recipe-draft", ENGINEER, "/batches/recipes/draft/"),
    Screen("step-due", OPERATOR, "/batches/CT-0422/steps/7/"),
    Screen("step-due-verifier", VERIFIER, "/batches/CT-0422/steps/7/"),
    Screen("step-scribe", OPERATOR, "/batches/CT-0422/steps/7/scribe/"),
    Screen("step-without-values", OPERATOR, "/batches/CT-0422/steps/1/"),
    Screen("step-beyond-limit", OPERATOR, "/batches/CT-0421/steps/2/"),
    Screen("step-went-on", OPERATOR, "/batches/CT-0422/steps/3/"),
    Screen("step-by-scribe", OPERATOR, "/batches/CT-0421/steps/7/"),
    Screen("step-corrected", QA, "/batches/CT-0421/steps/12/"),
    Screen("step-correct", OPERATOR, "/batches/CT-0422/steps/3/spin/correct/"),
    Screen("step-later", OPERATOR, "/batches/CT-0422/steps/12/"),
    Screen("batch-complete", SUPERVISOR, "/batches/CT-0422/complete/"),
)

PEOPLE = (
    Screen("people", ADMINISTRATOR, "/people/"),
    Screen("people-on-a-date", INSPECTOR, f"/people/?on={DAY}"),
    Screen("person", QA, "/people/p-7f3k2/"),
    Screen("person-administered", ADMINISTRATOR, "/people/p-7f3k2/"),
    Screen("enrol", ADMINISTRATOR, "/people/enrol/"),
    Screen("access-review", QA, "/people/review/"),
    Screen("terminals", ADMINISTRATOR, "/terminals/"),
    Screen("signing", OPERATOR, "/signing/"),
    Screen("signing-without-key", SCIENTIST, "/signing/"),
    Screen("signing-keys", QA, "/signing/keys/"),
    Screen("training", QA, "/training/"),
    Screen("training-items", QA, "/training/items/"),
    Screen("training-person", QA, "/training/p-7f3k2/"),
    Screen("vault", DPO, "/vault/"),
    Screen("vault-find", DPO, "/vault/find/"),
    Screen("vault-register", DPO, "/vault/register/patient/"),
    Screen("vault-subject", QA, "/vault/", link="main a[href^='/vault/s-']"),
    Screen("vault-subject-dpo", DPO, "/vault/", link="main a[href^='/vault/s-']"),
)

LEDGER = (
    Screen("trail", INSPECTOR, "/trail/"),
    Screen("trail-found", INSPECTOR, "/trail/?quick=corrections&sort=oldest&stream_type=equipment"),
    Screen("trail-refusals", INSPECTOR, "/trail/?quick=refusals"),
    Screen("trail-nothing-found", INSPECTOR, "/trail/?q=zebra"),
    Screen("trail-wrong-date", INSPECTOR, "/trail/?since=never", status=422),
    Screen("trail-as-it-was", INSPECTOR, f"/trail/?at={DAY}T12:00&stream=CF-01"),
    Screen("stream", QA, "/streams/equipment/CF-02/"),
    Screen("entry", QA, "/trail/?quick=corrections", link="main a[data-row]"),
    Screen("entry-signed", QA, "/trail/?quick=signatures", link="main a[data-row]"),
    Screen("entry-refused", QA, "/trail/?quick=refusals", link="main a[data-row]"),
    Screen("export", INSPECTOR, "/trail/export/"),
    Screen("verify", INSPECTOR, "/ledger/verify/"),
    Screen("ledger", ADMINISTRATOR, "/ledger/"),
)

EQUIPMENT = (
    Screen("equipment", OPERATOR, "/equipment/"),
    Screen("equipment-register", MAINTENANCE, "/equipment/register/"),
    Screen("unit", OPERATOR, "/equipment/CF-01/"),
    Screen("unit-read", INSPECTOR, "/equipment/CF-01/"),
    Screen("unit-stopped", SUPERVISOR, "/equipment/CRF-1/"),
)

SCREENS = (*HOMES, *DOORS, *BATCHES, *PEOPLE, *LEDGER, *EQUIPMENT)
