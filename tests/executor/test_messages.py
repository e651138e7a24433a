"""From any bytes of a record to an event or a reason; from a device's answer to a state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.action_events import event

from duplexsla.errors import ActionExpired, ActionRefused, BadInput, DeviceRefused, DuplexSLAError, StaleFence
from duplexsla.executor import messages
from duplexsla.v1 import action_pb2 as pb


@given(key=st.binary(max_size=16), value=st.binary(max_size=200))
def test_any_record_is_an_action_of_the_home_that_keys_it_or_bad_input(key: bytes, value: bytes) -> None:
    try:
        read = messages.read_event(key, value)
    except BadInput as error:
        assert str(error)
        return
    assert read.home.encode() == key and 0 < len(read.action.id) <= messages.MAX_ID_CHARS


@given(home=st.text(min_size=1, max_size=20), id=st.text(min_size=1, max_size=messages.MAX_ID_CHARS))
def test_an_event_is_read_back_whatever_its_names(home: str, id: str) -> None:
    sent = event(home=home, action=pb.Action(id=id))
    assert messages.read_event(home.encode(), sent.SerializeToString()) == sent


@given(function=st.text(max_size=20) | st.just("open_home_device"), arguments=st.text(max_size=60))
def test_any_arguments_are_valid_or_refused(function: str, arguments: str) -> None:
    called = event(action=pb.Action(id="1", function=function, arguments_json=arguments))
    try:
        messages.valid_arguments(called)
    except ActionRefused as refusal:
        assert str(refusal)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (DeviceRefused("no"), "failed"),
        (ActionRefused("no"), "refused"),
        (StaleFence("no"), "fenced"),
        (ActionExpired("no"), "expired"),
    ],
)
def test_each_final_answer_has_its_state(answer: DuplexSLAError, state: str) -> None:
    assert messages.state_name(messages.state_of(answer)) == state


def test_what_fails_as_one_is_a_device_of_a_room_else_a_function() -> None:
    assert messages.target_of(event(), {"device": "light", "room": "attic"}) == ("demo", "attic light")
    assert messages.target_of(event(), {"door": "front door"}) == ("demo", "front door")
    assert messages.target_of(event(), {}) == ("demo", "open_home_device")


def test_a_reason_is_bounded() -> None:
    assert len(messages.outcome(event(), pb.OUTCOME_STATE_FAILED, "x" * 10_000).reason) == 300


@pytest.mark.parametrize(
    ("state", "parts", "fenced"),
    [
        (pb.OUTCOME_STATE_FENCED, (), True),
        (pb.OUTCOME_STATE_PARTIAL, (pb.OUTCOME_STATE_DONE, pb.OUTCOME_STATE_FENCED), True),
        (pb.OUTCOME_STATE_PARTIAL, (pb.OUTCOME_STATE_DONE, pb.OUTCOME_STATE_FAILED), False),
    ],
)
def test_a_device_behind_a_newer_owner_leaves_the_action_to_it(
    state: pb.OutcomeState, parts: tuple[pb.OutcomeState, ...], fenced: bool
) -> None:
    devices = [pb.DeviceOutcome(state=part) for part in parts]
    assert messages.fenced(pb.ActionOutcome(state=state, devices=devices)) == fenced
