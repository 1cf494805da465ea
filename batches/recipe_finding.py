"""One thing that is wrong with a master batch record, or unusual in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """Where, how grave, and a sentence one can act on: English template and parameters."""

    at: str  # the path of the node
    place: str
    severity: str
    template: str
    params: dict[str, str]

    @property
    def english(self) -> str:
        return self.template.format(**self.params)
