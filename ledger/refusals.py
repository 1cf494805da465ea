"""What was refused is on the trail too: who tried what, when, and the sentence they got."""

from collections.abc import Mapping
from uuid import UUID

from ledger import store
from ledger.codec import CommandRef
from ledger.event import Actor, Recorded, Refused, event_type


@event_type(
    "ledger.refused",
    1,
    sentence="{command} was refused: {sentence}",
    owner="ledger",
    retention="system",
)
class CommandRefused:
    """An attempt that was refused: the sentence as it read, and its template and parameters."""

    command: str
    code: str
    template: str
    params: dict[str, str | int]
    sentence: str


def record(
    refused: Refused, *, command: CommandRef, actor: Actor, reason: str, cause: UUID | None
) -> store.Appended:
    """Write the refusal down. It uses up the command's id: the same request gets the same answer.

    The caller has rolled back whatever the command had begun.
    """
    return store.append(
        command=command,
        actor=actor,
        changes=[
            store.Change(
                "refusal",
                str(command.id),
                0,
                [
                    CommandRefused(
                        command=command.name,
                        code=refused.code,
                        template=refused.template,
                        params=refused.params,
                        sentence=str(refused),
                    )
                ],
            )
        ],
        reason=reason,
        cause=cause,
    )


def of(events: list[Recorded]) -> Refused | None:
    """The refusal that a command ended in, if it did."""
    for event in events:
        if isinstance(event.data, CommandRefused):
            params: Mapping[str, str | int] = event.data.params
            return Refused(event.data.template, code=event.data.code, **params)
    return None
