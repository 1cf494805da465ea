"""Event types, refusals and folding, without a database."""

import pytest

from ledger import event
from ledger.event import Refused, UnknownEvent, event_type, event_types, fold, upcast, upcasts


@pytest.fixture(autouse=True)
def own_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests declare is forgotten afterwards."""
    for registry in ("_types", "_by_class", "_upcasters"):
        monkeypatch.setattr(event, registry, dict(getattr(event, registry)))


def declare(name: str = "trial.weighed", version: int = 1) -> type:
    @event_type(name, version, sentence="{mass} was weighed", owner="trial", retention="batch")
    class Weighed:
        mass: str

    return Weighed


def test_an_event_type_reads_as_its_sentence() -> None:
    weighed = declare()
    assert event_types()["trial.weighed"].sentence_of(weighed(mass="7.40 g")) == (
        "7.40 g was weighed"
    )


def test_a_payload_cannot_be_changed() -> None:
    payload = declare()(mass="7.40 g")
    with pytest.raises(AttributeError):
        payload.mass = "7.50 g"


def test_a_name_is_declared_once() -> None:
    declare()
    with pytest.raises(ValueError, match="declared twice"):
        declare()


@pytest.mark.parametrize("name", ["weighed", "Trial.weighed", "trial.weighed/2", "trial.a b", ""])
def test_a_name_that_could_not_stand_on_a_line_of_an_entry_is_refused(name: str) -> None:
    """Given a slip in an event type's name, when it is declared, then the start fails, not the
    first person who records one."""
    with pytest.raises(ValueError, match="no event type's name"):
        declare(name)


def test_a_retention_class_must_exist() -> None:
    with pytest.raises(ValueError, match="retention"):
        event_type("trial.x", 1, sentence="x", owner="trial", retention="for a while")


def test_what_is_not_a_declared_event_is_refused() -> None:
    with pytest.raises(TypeError, match="not a declared event type"):
        event.type_of(object())


def test_r22_old_data_is_brought_to_the_current_version_step_by_step() -> None:
    declare(version=3)
    upcasts("trial.weighed", 1)(lambda data: {"mass": data["grams"] + " g"})
    upcasts("trial.weighed", 2)(lambda data: {**data, "mass": data["mass"].replace(",", ".")})
    assert upcast("trial.weighed", 1, {"grams": "7,40"}) == {"mass": "7.40 g"}


@pytest.mark.parametrize(
    ("name", "version", "sentence"),
    [
        ("trial.unheard", 1, "does not know the event type trial.unheard"),
        ("trial.weighed", 4, "newer than this software"),
        ("trial.weighed", 2, "has no upcaster"),
    ],
)
def test_r22_what_cannot_be_read_stops_the_reader(name: str, version: int, sentence: str) -> None:
    declare(version=3)
    with pytest.raises(UnknownEvent, match=sentence):
        upcast(name, version, {})


def test_a_refusal_keeps_template_and_parameters() -> None:
    refused = Refused("The next step is {step}.", step="thaw", code="order")
    assert str(refused) == "The next step is thaw."
    assert (refused.template, refused.params, refused.code) == (
        "The next step is {step}.",
        {"step": "thaw"},
        "order",
    )


def test_folding_applies_events_in_order() -> None:
    assert fold("", lambda state, letter: state + letter, ["a", "b", "c"]) == "abc"
