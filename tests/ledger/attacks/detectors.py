"""Who finds an attack: the guards, the sealer (at work, or started anew), the audit, the bundle."""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connections

from ledger import sealer
from ledger.audit import Finding, Report, audit
from ledger.export import export_bundle
from ledger.sealer import Sealer
from ledger.sealing import Refusal
from ledger.verify import verify_bundle
from tests.ledger import laboratory
from tests.ledger.attacks.kind import Attack, Named
from tests.ledger.attacks.scene import Scene

GUARDS, AT_WORK, STARTED, AUDIT = "guards", "sealer at work", "sealer started", "verify_ledger"
BUNDLE = "bundle"
DETECTORS = (GUARDS, AT_WORK, STARTED, BUNDLE, AUDIT)


@dataclass
class Outcome:
    """What became of one attack."""

    attack: Attack
    said: dict[str, str] = field(default_factory=dict)  # detector -> its words
    report: Report | None = None
    expected: Named = field(default_factory=Named)

    @property
    def first(self) -> Finding | None:
        """What the audit names first."""
        return self.report.first() if self.report else None

    @property
    def found(self) -> bool:
        """Whether anybody but the guards found it (those the attacker switches off)."""
        return any(self.said.get(name) for name in DETECTORS if name != GUARDS)

    def faults(self) -> list[str]:
        """How the outcome falls short."""
        faults = []
        if not self.found:
            faults.append("nobody found it")
        if self.attack.guarded and not self.said[GUARDS]:
            faults.append("the guards let it pass")
        stopped = self.said[AT_WORK] or self.said[STARTED]
        if stopped and not self.attack.stops:
            faults.append(f"it stops the sealer: {stopped}")
        if self.attack.audited and not self._named_rightly():
            faults.append(f"{self.expected} was to be named first, not {self.first}")
        return [f"{self.attack.name}: {fault}" for fault in faults]

    def _named_rightly(self) -> bool:
        """The first bad position; where there is none, the row among what is found."""
        if self.report is None or self.first is None:
            return False
        if self.expected.position is not None:
            return self.first.position == self.expected.position
        wanted = self.expected.row.replace("-", "")
        return any(wanted in found.row.replace("-", "") for found in self.report.findings)


def carry_out(scene: Scene, attack: Attack) -> Outcome:
    """Attack the intact scene anew for every detector."""
    outcome = Outcome(attack)
    if attack.guarded:
        scene.restore()
        outcome.said[GUARDS] = _refused_by_guards(scene, attack)
    scene.restore()
    working = sealer.from_settings()
    working.open()
    outcome.expected = _attacked(scene, attack)
    outcome.report = look(scene)
    outcome.said[AUDIT] = "" if outcome.report.verified else str(outcome.first)
    outcome.said[BUNDLE] = _bundle_fails(scene)
    outcome.said[AT_WORK] = _sealer_refuses(working)
    scene.restore()
    _attacked(scene, attack)
    outcome.said[STARTED] = _sealer_refuses(None)
    return outcome


def _attacked(scene: Scene, attack: Attack) -> Named:
    if not attack.tidy:
        return attack.deed(scene.attacker, scene)
    with scene.attacker.guards_down():
        return attack.deed(scene.attacker, scene)


def look(scene: Scene) -> Report:
    """`manage.py verify_ledger --key ... --rebuild`, with the witness's key known."""
    connections.close_all()
    return audit(keys=[scene.vkey], witnesses=[scene.witness.verifier], read_models=True)


def _refused_by_guards(scene: Scene, attack: Attack) -> str:
    """The same statements while the triggers stand, even for a superuser."""
    try:
        attack.deed(scene.attacker, scene)
    except (psycopg.Error, sqlite3.Error) as refusal:
        return str(refusal).split("\n")[0]
    return ""


def _bundle_fails(scene: Scene) -> str:
    """Everything is exported, and verified with the key that an inspector knows."""
    path = scene.database.state / "bundle.zip"
    try:
        export_bundle(path)
    except Exception as error:  # noqa: BLE001 - what cannot be exported shows nothing to anybody
        return f"not exported: {error}"
    report = verify_bundle(str(path), [scene.vkey])
    return "" if report.verdict == "verified" else str(report.finding)


def _sealer_refuses(working: Sealer | None) -> str:
    """One more entry is written; the sealer's words if it does not sign."""
    connections.close_all()
    refusal: Any = ""
    try:
        with suppress(Exception):
            laboratory.append("CF-77", expected=0, texts=["After the attack"])
        working = working or sealer.from_settings()
        working.seal()
    except Refusal as error:
        refusal = error
    except Exception as error:  # noqa: BLE001 - it did not sign, whatever it met
        refusal = f"{type(error).__name__}: {error}"
    finally:
        if working is not None:
            working.outside.close()
    return str(refusal)
