"""What an audit found: findings in words, and how much was checked. Pure."""

from dataclasses import dataclass, field
from typing import Any

KEPT = 200  # findings told in full; the rest are counted


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is not as it was sealed: the position, the table and row, what is wrong."""

    position: int  # -1 where the finding has no position
    row: str
    sentence: str

    def __str__(self) -> str:
        place = f"position {self.position}, " if self.position >= 0 else ""
        return f"{place}{self.row}: {self.sentence}"


@dataclass(slots=True)
class Report:
    """The outcome of an audit."""

    entries: int = 0  # entries recomputed from the bytes
    sealed: int = 0  # of which a signed checkpoint covers
    pending: int = 0  # events that wait for a position
    checkpoints: int = 0
    signatures: int = 0
    hashing_seconds: float = 0.0
    signature_seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    more_findings: int = 0
    notes: list[str] = field(default_factory=list)  # not wrong, but to be known
    not_checked: list[str] = field(default_factory=list)

    @property
    def verified(self) -> bool:
        """Whether everything that was checked is as it was sealed."""
        return not self.findings

    @property
    def unsealed(self) -> int:
        """Events that no checkpoint covers yet, so that nothing outside vouches for them."""
        return self.entries - self.sealed + self.pending

    def found(self, row: str, sentence: str, *, position: int = -1) -> None:
        """Add a finding."""
        if len(self.findings) < KEPT:
            self.findings.append(Finding(position, row, sentence))
        else:
            self.more_findings += 1

    def first(self) -> Finding | None:
        """The finding at the lowest position, or any where none has one."""
        placed = [finding for finding in self.findings if finding.position >= 0]
        return min(placed or self.findings, default=None)

    def as_json(self) -> dict[str, Any]:
        """For other programs."""
        first = self.first()
        return {
            "verified": self.verified,
            "entries": self.entries,
            "sealed": self.sealed,
            "unsealed": self.unsealed,
            "pending": self.pending,
            "checkpoints": self.checkpoints,
            "signatures": self.signatures,
            "hashing_seconds": round(self.hashing_seconds, 3),
            "signature_seconds": round(self.signature_seconds, 3),
            "first_bad_position": first.position if first and first.position >= 0 else None,
            "findings": [
                {
                    "position": f.position if f.position >= 0 else None,
                    "row": f.row,
                    "what": f.sentence,
                }
                for f in sorted(self.findings)
            ],
            "more_findings": self.more_findings,
            "notes": self.notes,
            "not_checked": self.not_checked,
        }

    def in_words(self) -> str:
        """For a person."""
        lines = [
            f"{self.entries} entries checked from the bytes, {self.checkpoints} checkpoints,"
            f" {self.signatures} signatures of people.",
            f"{self.unsealed} events are not sealed yet; nothing outside vouches for those.",
        ]
        lines += [f"Note: {note}" for note in self.notes]
        lines += [f"Not checked: {what}" for what in self.not_checked]
        if self.verified:
            return "\n".join([*lines, "Verified: everything is as it was sealed."])
        first = self.first()
        lines += [f"WRONG: {finding}" for finding in sorted(self.findings)]
        if self.more_findings:
            lines.append(f"... and {self.more_findings} findings more.")
        return "\n".join([*lines, f"NOT verified. First: {first}"])
