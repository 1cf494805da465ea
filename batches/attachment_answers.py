"""A file that a step asks for: it was kept for this very step, and is named by its number."""

from __future__ import annotations

from batches.answers import Answer, Asked, answers
from batches.attachment_commands import files_of
from ledger.event import Refused
from ledger.event import marked as _


@answers("attachment")
def answer_file(asked: Asked) -> Answer:
    """The step's answer is the file, by its number; its hash stands in the entry that kept it."""
    now = asked.situation
    number = int(asked.typed) if asked.typed.isdecimal() and len(asked.typed) < 7 else 0
    file = files_of(asked.act, now.state.batch).files.get(number)
    if file is None or file.step != now.planned.number:
        raise Refused(
            _("{label}: choose the file and send it with this step."),
            label=asked.parameter.label,
            code="no_file",
        )
    return Answer(value=str(number), words=f"file {number}, {file.blob[:19]}…")
