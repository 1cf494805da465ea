"""One answer on its way into the record: entered, entered again, corrected, or put right. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from batches import answer_events as answered
from batches.answers import Answer, Stopped
from batches.judging import judged
from batches.limits import TYPED_LIMIT, Parameter, Range, Standing, read_number
from batches.record import PROCESS, Batch
from batches.record_events import (
    EntryUnreadable,
    HoldSet,
    LimitExceeded,
    ValueCorrected,
    ValueEntered,
    ValueRemeasured,
)
from ledger.event import Refused, says_little
from ledger.event import marked as _

WORDS = 200


class Entry:
    """A parameter of a step with what stands there, and the number its exception would get."""

    def __init__(
        self, state: Batch, *, step: int, parameter: Parameter, person: str, reason: str
    ) -> None:
        self.state, self.batch, self.step = state, state.batch, step
        self.record = state.step(step)
        self.before = self.record.readings.get(parameter.key)
        self.parameter, self.person, self.reason = parameter, person, reason
        self.exception = state.next_exception

    @property
    def attempt(self) -> int:
        return self.before.attempt + 1 if self.before else 1

    def enter(self, text: str, answer: Answer | None) -> list[object]:
        """The first answer, or one that stands beside an earlier one, for a reason."""
        if answer is not None and answer.number is None:
            return self._enter_words(answer)
        value = answer.number if answer is not None else read_number(text)
        if value is None:
            return [self._unreadable(text)]
        if self._absurd(value):
            return [self._implausible(value)]
        told = list(answer.events) if answer is not None else []
        if self.before is None:
            entered = ValueEntered(**self._where(), value=value, entered_by=self.person)
            return [*told, entered, *self._judged(value), *self._beside(answer, value)]
        if value == self.before.value and not self._counted_anew(told):
            return self._same(value)
        self._replaceable(str(self.before.value), str(value))
        again = ValueRemeasured(
            **self._where(),
            old=self.before.value,
            new=value,
            entered_by=self.person,
            exception=self._number(),
        )
        return [*told, again, *self._judged(value), *self._beside(answer, value)]

    def correct(self, text: str, answer: Answer | None) -> list[object]:
        """Another value for a signed step, or the second reading of one that was corrected."""
        new = self._read(text, answer)
        if isinstance(new, Decimal) and self.before is not None and new == self.before.value:
            confirmed = self._same(new)
            if confirmed:
                return confirmed
        if new is None or self.before is None or new == self.before.value:
            raise Refused(
                _("Write the number that {label} ought to read; “{typed}” changes nothing.")
                if self.parameter.numeric
                else _("Write what {label} ought to say; “{typed}” changes nothing."),
                label=self.parameter.label,
                typed=text[:TYPED_LIMIT],
                code="no_change",
            )
        if isinstance(new, Decimal) and not self.parameter.plausible.holds(new):
            raise Refused(
                _(
                    "{label}: {new} {unit} is not plausible ({limit}). If it is really so, raise a"
                    " deviation and let quality assurance decide."
                ),
                label=self.parameter.label,
                new=str(new),
                unit=self.parameter.unit,
                limit=self.parameter.plausible.words(self.parameter.unit),
                code="implausible",
            )
        told = list(answer.events) if answer is not None else []
        if isinstance(new, Decimal):
            value = ValueCorrected(
                **self._where(),
                old=self.before.value,
                new=new,
                corrected_by=self.person,
                exception=self._number(),
            )
            return [*told, value, *self._judged(new), *self._beside(answer, new)]
        words = self._words(answer, new)
        corrected = answered.AnswerCorrected(
            **self._asked(),
            old=self.before.words or str(self.before.value),
            value=new,
            words=words,
            corrected_by=self.person,
            exception=self._number(),
        )
        return [*told, corrected, *self._departed(answer, words)]

    def mistyped(self, text: str, answer: Answer | None) -> list[object]:
        """A slip of the finger, kept beside what was meant."""
        new = self._read(text, answer)
        if new is None or self.before is None or new == self.before.value:
            raise Refused(
                _("Write what {label} reads; “{typed}” changes nothing."),
                label=self.parameter.label,
                typed=text[:TYPED_LIMIT],
                code="no_change",
            )
        slip = answered.TypoCorrected(
            **self._where(),
            old=str(self.before.value),
            new=str(new),
            corrected_by=self.person,
            exception=self._number(),
        )
        told = list(answer.events) if answer is not None else []
        if isinstance(new, Decimal):
            return [*told, slip, *self._judged(new), *self._beside(answer, new)]
        return [*told, slip, *self._departed(answer, self._words(answer, new))]

    def stop(self, stopped: Stopped) -> list[object]:
        """What was scanned must not go on: critical, and the batch is held."""
        scan = answered.ScanStopped(
            batch=self.batch,
            step=self.step,
            parameter=self.parameter.key,
            label=self.parameter.label,
            code=stopped.code,
            why=stopped.sentence,
            scanned_by=self.person,
            exception=self._number(),
        )
        if self.state.on_hold(PROCESS):
            return [scan]
        hold = HoldSet(
            batch=self.batch,
            hold=len(self.state.holds) + 1,
            kind=PROCESS,
            step=self.step,
            exception=self._number(),
        )
        return [scan, hold]

    def _enter_words(self, answer: Answer) -> list[object]:
        words = self._words(answer, answer.value)
        if self.before is None:
            entered = answered.AnswerEntered(
                **self._asked(), value=answer.value, words=words, entered_by=self.person
            )
            return [*answer.events, entered, *self._departed(answer, words)]
        if answer.value == self.before.value:
            return []
        self._replaceable(self.before.words or str(self.before.value), words)
        replaced = answered.AnswerReplaced(
            **self._asked(),
            old=self.before.words or str(self.before.value),
            value=answer.value,
            words=words,
            entered_by=self.person,
            exception=self._number(),
        )
        return [*answer.events, replaced, *self._departed(answer, words)]

    def _read(self, text: str, answer: Answer | None) -> Decimal | str | None:
        if answer is None:
            return read_number(text)
        return answer.value if answer.number is None else answer.number

    def _words(self, answer: Answer | None, value: Any) -> str:
        return ((answer.words if answer else "") or str(value))[:WORDS]

    def _departed(self, answer: Answer | None, words: str) -> list[object]:
        if answer is None or not answer.departure:
            return []
        return [
            answered.AnswerDeparted(
                batch=self.batch,
                step=self.step,
                parameter=self.parameter.key,
                label=self.parameter.label,
                attempt=self.attempt,
                words=words,
                why=answer.why,
                severity=answer.departure,
                exception=self._number(),
            )
        ]

    def _judged(self, value: Decimal) -> list[object]:
        made = judged(self.parameter, value, where=self._where(), exception=self.exception)
        self.exception += len(made)
        return made

    def _beside(self, answer: Answer | None, value: Decimal) -> list[object]:
        """What speaks against a number beside its limits: counts apart, typed by hand."""
        return [*self._spread(answer), *self._departed(answer, str(value))]

    def _spread(self, answer: Answer | None) -> list[object]:
        """Counts that lie too far apart are beyond acceptance, whatever their mean."""
        if answer is None or answer.spread is None:
            return []
        cv, limit = answer.spread
        where = self._where()
        return [
            LimitExceeded(
                **{**where, "label": f"{where['label']} (CV)", "unit": "%"},
                value=cv,
                standing=Standing.OUTSIDE_ACCEPTANCE.value,
                limit=f"at most {limit} %",
                low=None,
                high=limit,
                exception=self._number(),
            )
        ]

    def _counted_anew(self, told: list[object]) -> bool:
        """Counts that lay too far apart are counted again, even if the mean comes out the same."""
        before = self.before
        return bool(told) and before is not None and before.exceeded and not before.explained

    def _same(self, value: Decimal) -> list[object]:
        """The same value once more says nothing, unless the recipe wants it read twice."""
        before = self.before
        if not self.parameter.read_twice or before is None or before.confirmed_by:
            return []
        if self.parameter.check == "second_person" and before.by == self.person:
            raise Refused(
                _("{label} is read a second time by somebody else. Let a colleague enter it."),
                label=self.parameter.label,
                code="same_person",
            )
        where = {k: v for k, v in self._where().items() if k != "attempt"}
        return [
            answered.ValueConfirmed(
                **where, attempt=before.attempt, value=value, entered_by=self.person
            )
        ]

    def _absurd(self, value: Decimal) -> bool:
        """Beyond what is plausible, and not typed a second time as a true reading."""
        typed_before = self.record.implausible.get(self.parameter.key)
        return not self.parameter.plausible.holds(value) and typed_before != str(value)

    def _implausible(self, value: Decimal) -> answered.ValueImplausible:
        band: Range = self.parameter.plausible
        return answered.ValueImplausible(
            batch=self.batch,
            step=self.step,
            parameter=self.parameter.key,
            label=self.parameter.label,
            value=value,
            unit=self.parameter.unit,
            limit=band.words(self.parameter.unit),
            exception=self._number(),
        )

    def _unreadable(self, text: str) -> EntryUnreadable:
        return EntryUnreadable(
            batch=self.batch,
            step=self.step,
            parameter=self.parameter.key,
            label=self.parameter.label,
            typed=text[:TYPED_LIMIT],
            exception=self._number(),
        )

    def _number(self) -> int:
        self.exception += 1
        return self.exception - 1

    def _where(self) -> dict[str, Any]:
        return {
            "batch": self.batch,
            "step": self.step,
            "parameter": self.parameter.key,
            "label": self.parameter.label,
            "unit": self.parameter.unit,
            "attempt": self.attempt,
        }

    def _asked(self) -> dict[str, Any]:
        where = {key: value for key, value in self._where().items() if key != "unit"}
        return {**where, "kind": self.parameter.kind}

    def _replaceable(self, old: str, new: str) -> None:
        """The refusal names both values, so that the trail has the second one as well."""
        if says_little(self.reason):
            raise Refused(
                _(
                    "{label} stands on record as {old} {unit}. To enter {new} {unit} beside it,"
                    " say why it was read again."
                ),
                label=self.parameter.label,
                old=old,
                new=new,
                unit=self.parameter.unit,
                code="reason_missing",
            )
