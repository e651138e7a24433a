"""Fences, the order of chunks, repeats and idle sessions; every request gets its own answer."""

from dataclasses import replace

import pytest
import torch
from tests.support.scripted_session import past_at
from tests.support.tiny_engine import noise, run, tiny_engine, written

from duplexsla.engine.engine import StepOutput
from duplexsla.engine.kv_ring import KVRing
from duplexsla.engine.native.backbone import NativeRing
from duplexsla.engine.native.library import KernelChoice
from duplexsla.engine.session_registry import Answer, DecodeRequest, SessionRegistry
from duplexsla.errors import (
    DuplexSLAError,
    NotFinite,
    ProtocolError,
    SessionForgotten,
    SlotsExhausted,
    StaleFence,
)

HEARD = noise(7, 20)
IDLE_S = 10.0


def _decoder(slots: int = 2) -> SessionRegistry:
    return SessionRegistry(tiny_engine(slots=slots), idle_s=IDLE_S)


def _request(session: int, chunk: int, **changes: object) -> DecodeRequest:
    start = changes.pop("start", chunk == 0)
    values: dict[str, object] = {"fence": 5, "samples": HEARD[chunk % 20], "toolset": "home", "start": start}
    return DecodeRequest(session=session, chunk=chunk, **(values | changes))  # type: ignore[arg-type]


def _serve(decoder: SessionRegistry, *requests: DecodeRequest, now_s: float = 0.0) -> list[Answer]:
    answers = decoder.serve(requests, now_s)
    decoder.engine.slots.check_integrity()
    return answers


def _error(decoder: SessionRegistry, request: DecodeRequest, now_s: float = 0.0) -> type[DuplexSLAError]:
    (answer,) = _serve(decoder, request, now_s=now_s)
    assert isinstance(answer, DuplexSLAError), answer
    return type(answer)


def test_a_session_from_start_to_end_says_what_the_engine_alone_would() -> None:
    decoder, engine = _decoder(), tiny_engine(slots=2)
    said = [_serve(decoder, _request(7, chunk, end=chunk == 19))[0] for chunk in range(20)]
    engine.open(7, "home")
    assert written(said) == written(run(engine, {7: HEARD})[7])  # type: ignore[arg-type]
    assert decoder.num_live == 0


def test_a_repeated_chunk_gets_the_stored_answer_and_is_not_decoded_twice() -> None:
    decoder = _decoder()
    for chunk in range(4):
        first = _serve(decoder, _request(7, chunk))[0]
        assert _serve(decoder, _request(7, chunk))[0] is first
    straight = _decoder()
    said = [_serve(straight, _request(7, chunk))[0] for chunk in range(5)]
    assert written([_serve(decoder, _request(7, 4))[0]]) == written(said[4:])  # type: ignore[list-item, arg-type]


def test_a_chunk_older_than_the_last_is_refused_and_a_gap_is_not() -> None:
    decoder = _decoder()
    _serve(decoder, _request(7, 0))
    assert isinstance(_serve(decoder, _request(7, 9))[0], StepOutput)
    assert _error(decoder, _request(7, 7)) is ProtocolError
    assert isinstance(_serve(decoder, _request(7, 10))[0], StepOutput)


def test_a_stale_fence_changes_nothing_and_a_newer_one_takes_over() -> None:
    decoder = _decoder()
    _serve(decoder, _request(7, 0))
    assert _error(decoder, _request(7, 1, fence=4)) is StaleFence
    assert _error(decoder, _request(7, 0, fence=4, start=True)) is StaleFence
    assert isinstance(_serve(decoder, _request(7, 1, fence=6))[0], StepOutput)
    assert _error(decoder, _request(7, 2, fence=5)) is StaleFence


@pytest.mark.parametrize("late_first", [True, False])
def test_a_session_that_comes_back_wins_over_what_its_former_placement_sent(late_first: bool) -> None:
    decoder = _decoder()
    for chunk in range(3):
        _serve(decoder, _request(7, chunk))
    late, back = _request(7, 3), _request(7, 2, fence=6, start=True)
    batch = [late, back] if late_first else [back, late]
    refused, answered = _serve(decoder, *batch)[:: 1 if late_first else -1]
    assert isinstance(refused, StaleFence) and isinstance(answered, StepOutput)
    assert isinstance(_serve(decoder, _request(7, 3, fence=6))[0], StepOutput)


def test_a_session_that_starts_again_forgets_what_it_was() -> None:
    decoder = _decoder()
    first = [_serve(decoder, _request(7, chunk))[0] for chunk in range(6)]
    again = [_serve(decoder, _request(7, chunk, fence=6))[0] for chunk in range(6)]
    assert written(first) == written(again)  # type: ignore[arg-type]
    assert decoder.num_live == 1


def test_slots_run_out_for_the_newcomer_alone() -> None:
    decoder = _decoder(slots=2)
    answers = _serve(decoder, *(_request(session, 0) for session in (1, 2, 3)))
    assert [type(answer) for answer in answers] == [StepOutput, StepOutput, SlotsExhausted]
    _serve(decoder, _request(1, 1, end=True))
    assert isinstance(_serve(decoder, _request(3, 0))[0], StepOutput)


def test_bad_requests_leave_their_neighbours_in_the_batch_alone() -> None:
    decoder, straight = _decoder(), _decoder()
    for one in (decoder, straight):
        _serve(one, _request(7, 0))
    mixed = _serve(
        decoder,
        _request(8, 3, start=False),
        _request(7, 1),
        _request(7, 2),
        _request(9, 0, toolset="spaceship"),
    )
    assert [type(answer) for answer in mixed] == [SessionForgotten, StepOutput, ProtocolError, ProtocolError]
    assert written(mixed[1:2]) == written(_serve(straight, _request(7, 1)))  # type: ignore[arg-type]


def test_an_idle_session_expires_and_its_slot_serves_another() -> None:
    decoder = _decoder(slots=1)
    _serve(decoder, _request(7, 0), now_s=0.0)
    assert decoder.expire(IDLE_S) == []
    assert decoder.expire(IDLE_S + 0.1) == [7]
    assert _error(decoder, _request(7, 1), now_s=11.0) is SessionForgotten
    assert isinstance(_serve(decoder, _request(8, 0), now_s=11.0)[0], StepOutput)


def test_sessions_are_closed_and_unknown_ones_are_no_error() -> None:
    decoder = _decoder()
    _serve(decoder, _request(7, 0))
    decoder.close([7, 99])
    assert decoder.num_live == 0
    assert _error(decoder, _request(7, 1)) is SessionForgotten


def test_injected_text_reaches_the_action_channel() -> None:
    (answer,) = _serve(_decoder(), _request(7, 0, injected=" [ done]"))
    assert isinstance(answer, StepOutput)
    assert answer.action[:3] == [" [", " done", "]"]


def test_sessions_that_were_decoded_elsewhere_continue_here_from_their_next_chunk() -> None:
    straight, decoder = _decoder(), _decoder()
    said = [_serve(straight, _request(7, chunk))[0] for chunk in range(20)]
    pasts = {cut: past_at(cut, HEARD, said, {}) for cut in (6, 11)}  # type: ignore[arg-type]
    starts = [_request(cut, cut, start=True, prefix=past) for cut, past in pasts.items()]
    rebuilt = [_serve(decoder, *starts)]
    rebuilt += [_serve(decoder, *(_request(cut, cut + step) for cut in pasts)) for step in range(1, 9)]
    for cut, answers in zip(pasts, zip(*rebuilt, strict=True), strict=True):
        assert written(answers) == written(said[cut : cut + 9])  # type: ignore[arg-type]


def test_a_bad_past_is_refused_alone() -> None:
    decoder = _decoder()
    said = [_serve(decoder, _request(7, chunk))[0] for chunk in range(4)]
    past = past_at(4, HEARD, said, {})  # type: ignore[arg-type]
    broken = replace(past, toolset="spaceship")
    answers = _serve(
        decoder,
        _request(8, 4, start=True, prefix=broken),
        _request(9, 3, start=True, prefix=past),
        _request(7, 4),
    )
    assert [type(answer) for answer in answers] == [ProtocolError, ProtocolError, StepOutput]
    assert decoder.num_live == 1


def test_a_draining_decoder_starts_nobody_and_goes_on_with_those_it_has() -> None:
    decoder = _decoder()
    _serve(decoder, _request(7, 0))
    decoder.drain()
    assert _error(decoder, _request(8, 0)) is SlotsExhausted
    assert _error(decoder, _request(7, 1, start=True)) is SlotsExhausted
    assert isinstance(_serve(decoder, _request(7, 1, end=True))[0], StepOutput) and decoder.num_live == 0


@pytest.mark.parametrize("kernels", ["any", "torch"])
def test_a_number_that_is_not_finite_ends_its_session_alone_and_leaves_the_slot_clean(
    kernels: KernelChoice,
) -> None:
    decoder = SessionRegistry(tiny_engine(slots=2, kernels=kernels), idle_s=IDLE_S)
    clean = SessionRegistry(tiny_engine(slots=2, kernels=kernels), idle_s=IDLE_S)
    for chunk in range(3):
        _serve(decoder, _request(7, chunk), _request(8, chunk))
        _serve(clean, _request(7, chunk), _request(8, chunk))
    ring, slot = decoder.engine._tick._backbone.ring, decoder.engine.slots.of(7).slot
    assert isinstance(ring, KVRing | NativeRing)
    nothing = torch.full((ring.ring_length, 2, 16), float("nan"))
    with torch.inference_mode():
        ring.write(0, slot, torch.arange(ring.ring_length), nothing, nothing)
    broken, well = _serve(decoder, _request(7, 3), _request(8, 3))
    _, expected = _serve(clean, _request(7, 3), _request(8, 3))
    assert isinstance(broken, NotFinite) and decoder.not_finite == 1 and decoder.num_live == 1
    assert written([well]) == written([expected])  # type: ignore[list-item]
    fresh = SessionRegistry(tiny_engine(slots=2, kernels=kernels), idle_s=IDLE_S)
    for chunk in range(8):
        said = _serve(decoder, _request(9, chunk))
        assert written(said) == written(_serve(fresh, _request(9, chunk)))  # type: ignore[arg-type]
