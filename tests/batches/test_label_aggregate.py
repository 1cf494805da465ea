"""The labels of a batch, decided: print, use, destroy, retain, count."""

from typing import Any

import pytest

from batches import label as labels
from ledger.event import Refused, fold


def told(*events: Any) -> labels.Labels:
    return fold(labels.INITIAL, labels.evolve, [one for events_ in events for one in events_])


def printing(state: labels.Labels = labels.INITIAL, **asked: Any) -> list[Any]:
    given: dict[str, Any] = {
        "roll": "CT-0421",
        "batch": "CT-0421",
        "kind": "bag",
        "title": "Cryobag",
        "use": labels.CONTAINER,
        "count": 3,
        "reason": "",
        "identified": True,
        "route": "intravenous infusion",
        "expires": "2027-01-01T12:00+01:00",
        "zone": "Europe/Madrid",
    }
    return labels.print_job(state, **(given | asked))


def using(state: labels.Labels, label: str, **asked: Any) -> list[Any]:
    given = {"batch": "CT-0421", "kind": "bag", "step": 7, "parameter": "label"}
    return labels.use(state, label=label, **(given | asked))


def refusal(code: str, ask: Any, *given: Any, **asked: Any) -> str:
    with pytest.raises(Refused) as refused:
        ask(*given, **asked)
    assert refused.value.code == code
    return str(refused.value)


def test_r20_labels_are_numbered_and_counted() -> None:
    """Given a job of three, then each has a number, and all of them are left."""
    state = told(printing())
    assert list(state.labels) == ["CT-0421-1-001", "CT-0421-1-002", "CT-0421-1-003"]
    assert state.count(labels.PRINTED) == 3
    assert labels.roll_of("CT-0421-1-002") == "CT-0421"


def test_r20_a_reprint_takes_a_reason() -> None:
    """Given a kind that was printed, when more are asked for without a reason, then no."""
    first = printing()
    refusal("reason_missing", printing, told(first))
    again = printing(told(first), reason="The first sheet jammed", count=1)
    assert again[0].job == 2 and again[0].first == "CT-0421-2-001"
    assert len(told(first, again).labels) == 4
    other = printing(told(first), kind="vial", title="Vial")
    assert other[0].job == 2


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("label_count", {"count": 0}),
        ("label_count", {"count": 201}),
        ("label_expires", {"expires": ""}),
        ("label_expires", {"zone": ""}),
        ("label_route", {"route": ""}),
    ],
)
def test_a_container_label_says_all_that_it_must(code: str, asked: dict[str, Any]) -> None:
    refusal(code, printing, **asked)


def test_r11_a_wrong_label_is_refused_and_a_used_one_too() -> None:
    """Given labels of a batch, when another batch, another kind, or the same twice, then no."""
    first = printing()
    state = told(first)
    refusal("wrong_label", using, state, "CT-0421-1-001", batch="CT-0500")
    refusal("wrong_label", using, state, "CT-0421-1-001", kind="vial")
    refusal("no_label", using, state, "CT-0421-9-001")
    used = using(state, "CT-0421-1-001")
    assert used[0].step == 7
    state = told(first, used)
    assert using(state, "CT-0421-1-001") == []  # the very same scan again
    sentence = refusal("label_gone", using, state, "CT-0421-1-001", step=8)
    assert "Take another one" in sentence
    sentence = refusal("label_gone", using, state, "CT-0421-1-001", parameter="second_bag")
    assert "used already, in step 7" in sentence


def test_r10_the_first_batch_has_a_label_of_a_roll() -> None:
    """Given a label for stock, when a second batch scans it, then it is not its label."""
    first = printing(roll="ROLL-1", batch="", kind="stock", use="sample", identified=False)
    used = using(told(first), "ROLL-1-1-001", kind="vial")
    state = told(first, used)
    assert state.labels["ROLL-1-1-001"].batch == "CT-0421"
    refusal("wrong_label", using, state, "ROLL-1-1-001", batch="CT-0500")


def test_coi_7_printed_is_used_and_destroyed_and_retained_or_no_count() -> None:
    """Given three labels, when one is left, then the count is refused; when none is, it agrees."""
    first = printing()
    used = using(told(first), "CT-0421-1-001")
    state = told(first, used)
    counting = {"roll": "CT-0421", "printers": {"p-marta"}, "person": "p-dario"}
    assert "CT-0421-1-002" in refusal("labels_left", labels.reconcile, state, **counting)
    gone = labels.destroy(
        state, roll="CT-0421", labels=["CT-0421-1-002"], person="p-marta", reason="It was torn"
    )
    kept = labels.retain(state, roll="CT-0421", labels=["CT-0421-1-003"], person="p-marta")
    state = told(first, used, gone, kept)
    refusal("same_person", labels.reconcile, state, **{**counting, "person": "p-marta"})
    (counted,) = labels.reconcile(state, **counting)
    assert (counted.printed, counted.used, counted.destroyed, counted.retained) == (3, 1, 1, 1)
    done = told(first, used, gone, kept, [counted])
    refusal("reconciled", labels.reconcile, done, **counting)
    again = printing(done, reason="A bag was relabelled", count=1)
    assert not told(first, used, gone, kept, [counted], again).reconciled


def test_a_label_goes_one_way() -> None:
    """Given a destroyed label, then it is neither used, retained nor destroyed again."""
    first = printing()
    gone = labels.destroy(
        told(first), roll="CT-0421", labels=["CT-0421-1-001"], person="p", reason="It was torn"
    )
    state = told(first, gone)
    refusal("label_gone", using, state, "CT-0421-1-001")
    asked = {"roll": "CT-0421", "labels": ["CT-0421-1-001"], "person": "p"}
    refusal("label_gone", labels.retain, state, **asked)
    refusal("label_gone", labels.destroy, state, **asked, reason="It was torn")
    refusal("reason_missing", labels.destroy, state, **asked, reason="")
    refusal("no_label", labels.destroy, state, **{**asked, "labels": []}, reason="It was torn")
    refusal("wrong_label", labels.retain, state, **{**asked, "labels": ["CT-0500-1-001"]})
    refusal("no_labels", labels.retain, labels.INITIAL, **asked)
