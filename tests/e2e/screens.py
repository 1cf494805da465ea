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


def drafted(page: Any, number: str) -> str:
    """A process engineer's next version of the shipped CAR-T record, with one step reworded; its
    address."""
    page.goto("/batches/recipes/draft/")
    page.get_by_label("Begin with").select_option("shipped:MBR-101")
    page.get_by_label("Number").fill(number)
    page.get_by_role("button", name="Begin the draft").click()
    page.get_by_text("The draft is begun.").wait_for()
    address = str(page.url)
    page.goto(f"{address}edit/")
    page.locator("[data-outline] a.steps").nth(2).click()
    page.wait_for_url("**node=steps**")
    page.locator("#id_instruction").fill("Switch the device on and wait for its own test.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    return address


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

FLOOR = (
    Screen("board", OPERATOR, "/batches/board/"),
    Screen("board-supervisor", SUPERVISOR, "/batches/board/"),
    Screen("ready", SUPERVISOR, "/batches/CT-0422/ready/"),
    Screen("step-comment", OPERATOR, "/batches/CT-0422/steps/7/do/comment/"),
    Screen("step-deviation", OPERATOR, "/batches/CT-0422/steps/7/do/deviation/"),
    Screen("step-objections", OPERATOR, "/batches/CT-0422/steps/7/blocks/"),
    Screen("hand-over", OPERATOR, "/batches/CT-0422/run/offer/"),
    Screen("take-over", OPERATOR, "/batches/CT-0422/run/take/"),
    Screen("labels", OPERATOR, "/batches/CT-0422/labels/"),
    Screen("labels-print", OPERATOR, "/batches/CT-0422/labels/print/"),
    Screen("labels-destroy", OPERATOR, "/batches/CT-0422/labels/destroy/"),
    Screen("labels-retain", OPERATOR, "/batches/CT-0422/labels/retain/"),
    Screen("labels-reconcile", QA, "/batches/CT-0422/labels/reconcile/"),
    Screen("label-rolls", OPERATOR, "/batches/labels/"),
    Screen("contingency", SUPERVISOR, "/batches/CT-0422/contingency/"),
    Screen("files", OPERATOR, "/batches/CT-0422/files/"),
    Screen("paper", QA, "/batches/CT-0421/paper/"),
    Screen("paper-check", QA, "/batches/prints/check/"),
)

AUTHORING = (
    Screen("recipe-shipped", QA, "/batches/recipes/MBR-101/1/"),
    Screen("recipe-versions", ENGINEER, "/batches/recipes/MBR-101/"),
    Screen("recipe-withdraw", QA, "/batches/recipes/MBR-101/1/withdraw/"),
)

STORE = (
    Screen("materials", OPERATOR, "/batches/materials/"),
    Screen("materials-queue", QA, "/batches/materials/queue/"),
    Screen("materials-receive", OPERATOR, "/batches/materials/receive/"),
    Screen("items", ENGINEER, "/batches/materials/items/"),
    Screen("item-register", ENGINEER, "/batches/materials/items/register/"),
    Screen("item", QA, "/batches/materials/items/VEC-110/"),
    Screen("suppliers", QA, "/batches/materials/suppliers/"),
    Screen("kits", OPERATOR, "/batches/materials/kits/"),
    Screen("kit", OPERATOR, "/batches/materials/kits/CT-0422/"),
    Screen("lot", QA, "/batches/materials/lots/L-000001/"),
    Screen("lot-operator", OPERATOR, "/batches/materials/lots/L-000001/"),
    Screen("lot-label", OPERATOR, "/batches/materials/lots/L-000001/label/"),
    Screen("trace", QA, "/batches/trace/?q=L-000001"),
    Screen("recall", QA, "/batches/trace/recall/"),
)

IDENTITY = (
    Screen("orders", SUPERVISOR, "/batches/orders/"),
    Screen("order-new", SUPERVISOR, "/batches/orders/new/"),
    Screen("order", SUPERVISOR, "/batches/orders/ORD-2026-003/"),
    Screen("order-ended", SUPERVISOR, "/batches/orders/ORD-2026-001/"),
    Screen("order-end", SUPERVISOR, "/batches/orders/ORD-2026-003/end/"),
    Screen("collect", OPERATOR, "/batches/orders/ORD-2026-003/collect/"),
    Screen("bind", SUPERVISOR, "/batches/orders/ORD-2026-003/bind/"),
    Screen("collection", QA, "/batches/collections/ORD-2026-003-C1/"),
    Screen("collection-decide", QA, "/batches/collections/ORD-2026-003-C1/decide/"),
    Screen("custody", QA, "/batches/custody/ORD-2026-003-C1/"),
    Screen("custody-hand-over", OPERATOR, "/batches/custody/ORD-2026-003-C1/hand-over/"),
    Screen("custody-unreadable", OPERATOR, "/batches/custody/ORD-2026-003-C1/unreadable/"),
    Screen("fill", SUPERVISOR, "/batches/fill/CT-0421/"),
    Screen("fill-dose", SUPERVISOR, "/batches/fill/CT-0421/dose/"),
    Screen("fill-containers", OPERATOR, "/batches/fill/CT-0422/containers/"),
    Screen("container", QA, "/batches/containers/CT-0421-P01/"),
    Screen("container-decide", QA, "/batches/containers/CT-0421-P01/decide/"),
    Screen("storage", OPERATOR, "/batches/storage/"),
    Screen("samples", ANALYST, "/batches/samples/"),
    Screen("sample-take", OPERATOR, "/batches/samples/take/"),
    Screen("sample", ANALYST, "/batches/samples/CT-0421-S01/"),
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

SCREENS = (
    *HOMES, *DOORS, *BATCHES, *FLOOR, *AUTHORING, *STORE, *IDENTITY, *PEOPLE, *LEDGER, *EQUIPMENT
)  # fmt: skip
