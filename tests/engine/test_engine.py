"""What many sessions in one batch must never change: each session's tokens."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from tests.support.engine_backends import RUNNABLE
from tests.support.one_pass_decoding import choices_of_one_pass, chosen, tokens_of_one_pass
from tests.support.scripted_session import live, past_at
from tests.support.tiny_engine import (
    HOME,
    noise,
    run,
    tiny_codec,
    tiny_engine,
    tiny_model,
    tiny_vocabulary,
    written,
)

from duplexsla.clock import ACTION_BUDGET, CHUNK_SAMPLES
from duplexsla.engine.engine import Engine, Slots, StepInput, StepOutput
from duplexsla.engine.native.library import KernelChoice
from duplexsla.errors import ProtocolError, SessionForgotten, SlotsExhausted
from duplexsla.protocol import tokens
from duplexsla.protocol.call_confidence import UNKNOWN

CHUNKS = 40
SURE = 2e-3  # in a logarithm of a probability: the order in which a sum is made
OUTCOME = " [ done 21 degrees]"
INJECTED = {2: OUTCOME, 9: OUTCOME * 3, 20: OUTCOME, 21: OUTCOME, 35: " [ done]", 44: OUTCOME * 2}


@cache
def _alone(session: int, *, draft: bool = True, kernels: KernelChoice = "any") -> list[StepOutput]:
    engine = tiny_engine(draft=draft, kernels=kernels)
    engine.open(session, "home")
    return run(engine, {session: noise(session, CHUNKS)})[session]


@pytest.mark.parametrize("kernels", RUNNABLE)
def test_streamed_tokens_are_those_of_one_pass_over_the_whole(kernels: KernelChoice) -> None:
    vocabulary, said = tiny_vocabulary(), _alone(7, kernels=kernels)
    model, silence_code = tiny_model(vocabulary), tiny_codec().silence_code
    assert tokens_of_one_pass(model, vocabulary, HOME, silence_code, noise(7, CHUNKS), said) == chosen(said)
    assert len({output.anchor for output in said}) > 2, "this session says more than one thing"
    assert any(tokens.TOOLCALL_END in output.action for output in said)


def _confidences(said: Sequence[StepOutput]) -> list[float]:
    """Every figure that was told, in order."""
    choices = [figure for output in said for choice in output.choices for figure in choice]
    return choices + [figure for output in said for call in output.calls.values() for figure in call]


@pytest.mark.parametrize("kernels", RUNNABLE)
def test_choices_of_calls_are_as_likely_as_in_one_pass_over_the_whole(kernels: KernelChoice) -> None:
    vocabulary, said = tiny_vocabulary(), _alone(7, kernels=kernels)
    model, silence_code = tiny_model(vocabulary), tiny_codec().silence_code
    whole = choices_of_one_pass(model, vocabulary, HOME, silence_code, noise(7, CHUNKS), said)
    assert sum(map(len, whole)) > 20
    for output, expected in zip(said, whole, strict=True):
        assert len(output.choices) == len(expected)
        for choice, other in zip(output.choices, expected, strict=True):
            assert choice == pytest.approx(other, abs=SURE)


def test_every_call_has_a_confidence_at_the_piece_that_closes_it() -> None:
    for session in (7, 9, 14):
        closed = 0
        for output in _alone(session):
            ends = [at for at, piece in enumerate(output.action) if piece == tokens.TOOLCALL_END]
            assert list(output.calls) == ends
            closed += len(ends)
            for function_p, argument_p, _ in output.calls.values():
                assert 0 < function_p < 1 and 0 < argument_p <= 1
        assert closed > 0


@pytest.mark.parametrize(("session", "kernels"), [*((7, each) for each in RUNNABLE), (9, "any"), (14, "any")])
def test_drafts_and_kernels_change_no_token_and_no_confidence(session: int, kernels: KernelChoice) -> None:
    plain = _alone(session, draft=False, kernels="torch")
    for draft in (True, False):
        said = _alone(session, draft=draft, kernels=kernels)
        assert written(said) == written(plain)
        assert 0 < sum(output.silent for output in said) < CHUNKS
        assert _confidences(said) == pytest.approx(_confidences(plain), abs=SURE)


@pytest.mark.parametrize("carried", [True, False])
def test_a_call_that_is_open_at_a_move_keeps_its_confidence_only_with_its_choices(carried: bool) -> None:
    heard, said = noise(7, CHUNKS), _alone(7)
    cuts = [cut for cut in range(1, CHUNKS) if _opened_before(said, cut)]
    assert len(cuts) > 5
    for cut in cuts[:6:2]:
        past = past_at(cut, heard, said, {})
        if not carried:
            past = replace(past, chunks=[replace(chunk, choices=()) for chunk in past.chunks])
        engine = tiny_engine()
        engine.restore(7, past)
        end = next(at for at in range(cut, CHUNKS) if said[at].calls)
        mine = next(iter(live(engine, 7, heard[: end + 1], {}, first=cut)[-1].calls.values()))
        theirs = next(iter(said[end].calls.values()))
        assert mine == (pytest.approx(theirs, abs=SURE) if carried else UNKNOWN)
        assert theirs != UNKNOWN


def _opened_before(said: Sequence[StepOutput], cut: int) -> bool:
    """Whether a call is open after the chunks before `cut`."""
    stream = [piece for output in said[:cut] for piece in output.action]
    markers = [piece for piece in stream if piece in (tokens.TOOLCALL_BEGIN, tokens.TOOLCALL_END)]
    return markers[-1:] == [tokens.TOOLCALL_BEGIN]


def test_where_new_tensors_are_made_elsewhere_tokens_are_the_same() -> None:
    """As on a GPU, where every tensor of a step must be made on the model's device."""
    with torch.device("cpu"):
        engine = tiny_engine(kernels="torch")
        engine.open(7, "home")
        said = run(engine, {7: noise(7, CHUNKS)})[7]
    assert written(said) == written(_alone(7, kernels="torch"))


def test_a_batch_of_many_equals_each_alone() -> None:
    engine, sessions = tiny_engine(slots=6), [11, 7, 3, 9, 14]
    for session in sessions:
        engine.open(session, "home")
    together = run(engine, {session: noise(session, CHUNKS) for session in sessions})
    for session in sessions:
        alone = _alone(session)
        assert written(together[session]) == written(alone)
        assert _confidences(together[session]) == pytest.approx(_confidences(alone), abs=SURE)
        for mine, theirs in zip(together[session], alone, strict=True):
            assert np.abs(mine.samples.astype(int) - theirs.samples).max() <= 3


def test_sessions_that_come_and_go_in_any_batch_equal_each_alone() -> None:
    engine, rng = tiny_engine(slots=4), np.random.default_rng(0)
    heard = {session: noise(session, CHUNKS) for session in range(4)}
    said: dict[int, list[StepOutput]] = {session: [] for session in heard}
    for session in heard:
        engine.open(session, "home")
    while any(len(outputs) < CHUNKS for outputs in said.values()):
        here = [s for s in rng.permutation(4).tolist() if len(said[s]) < CHUNKS and rng.random() < 0.6]
        inputs = [StepInput(session, heard[session][len(said[session])]) for session in here]
        for output in engine.step(inputs) if inputs else []:
            said[output.session].append(output)
    for session in heard:
        assert written(said[session]) == written(_alone(session))


def test_a_reused_slot_remembers_nothing() -> None:
    engine = tiny_engine(slots=1)
    engine.open(3, "home")
    run(engine, {3: noise(3, CHUNKS)})
    engine.close(3)
    engine.open(7, "home")
    again = run(engine, {7: noise(7, CHUNKS)})[7]
    for mine, theirs in zip(again, _alone(7), strict=True):
        assert mine.action == theirs.action
        assert np.array_equal(mine.samples, theirs.samples)


def test_wild_sound_of_one_session_leaves_its_neighbours_alone() -> None:
    engine = tiny_engine()
    wild = np.tile(np.array([-32_768, 32_767], np.int16), (CHUNKS, CHUNK_SAMPLES // 2))
    for session in (7, 8):
        engine.open(session, "home")
    said = run(engine, {8: wild, 7: noise(7, CHUNKS)})
    assert written(said[7]) == written(_alone(7))


def test_a_silent_chunk_has_silent_codes_and_after_the_tail_exactly_no_sound() -> None:
    said, silence = _alone(7), tiny_codec().silence_code
    for output in said:
        assert output.silent == (output.codes == (silence,) * 4)
    runs = itertools.groupby(said, key=lambda output: output.silent)
    quiet = [output for silent, run in runs if silent for output in list(run)[1:]]
    assert quiet
    assert not any(output.samples.any() for output in quiet)


def test_injected_text_stands_first_in_the_chunk_after_one_that_the_model_ended() -> None:
    engine, outcome = tiny_engine(), " [ done 21 degrees]"
    engine.open(7, "home")
    injected = engine.vocabulary.pieces(engine.vocabulary.encode(outcome))
    heard, said = noise(7, CHUNKS), []
    for chunk in range(CHUNKS):
        text = outcome if chunk == 5 else ""
        said += engine.step([StepInput(7, heard[chunk], text)])
    at = next(chunk for chunk, output in enumerate(said) if injected[0] in output.action)
    assert at >= 5
    assert said[at].action[: len(injected)] == injected
    assert at == 5 or all(len(output.action) == 1 + ACTION_BUDGET for output in said[4 : at - 1])
    assert written(said)[:5] == written(_alone(7))[:5]


def test_markers_in_injected_text_are_dropped() -> None:
    engine = tiny_engine(lean={tokens.ACTION_END: 9.0})
    engine.open(7, "home")
    text = f" [ done{tokens.TOOLCALL_BEGIN}{tokens.ACTION_END}]"
    (output,) = engine.step([StepInput(7, np.zeros(CHUNK_SAMPLES, np.int16), text)])
    assert output.action == [" [", " done", "]", tokens.ACTION_END]


def test_injected_text_without_room_is_dropped_whole_and_counted() -> None:
    engine = tiny_engine(lean={tokens.ACTION_END: 9.0})
    engine.open(7, "home")
    (output,) = engine.step([StepInput(7, np.zeros(CHUNK_SAMPLES, np.int16), " [ done]" * 1_000)])
    assert output.action == [tokens.ACTION_END]
    assert engine.dropped_texts == 1


def test_slots_run_out_with_a_typed_error_and_come_back() -> None:
    engine = tiny_engine(slots=2)
    for session in (1, 2):
        engine.open(session, "home")
    with pytest.raises(SlotsExhausted):
        engine.open(3, "home")
    engine.close(1)
    engine.open(3, "home")
    engine.slots.check_integrity()


def test_idle_sessions_expire_and_are_unknown_afterwards() -> None:
    engine: Engine = tiny_engine(slots=2)
    engine.open(1, "home", now_s=0.0)
    engine.open(2, "home", now_s=0.0)
    silence = np.zeros(CHUNK_SAMPLES, np.int16)
    engine.step([StepInput(2, silence)], now_s=8.0)
    assert engine.expire(5.0) == [1]
    with pytest.raises(SessionForgotten):
        engine.step([StepInput(1, silence)], now_s=9.0)
    assert engine.slots.num_free == 1


def test_an_unknown_toolset_is_refused_before_it_takes_a_slot() -> None:
    engine = tiny_engine()
    with pytest.raises(ProtocolError, match="spaceship"):
        engine.open(1, "spaceship")
    assert engine.slots.num_live == 0


def test_every_step_tells_what_of_the_services_text_it_wrote_and_what_still_waits() -> None:
    """What a step reports is what a past of that session must hold."""
    waited = wrote = 0
    for session in (7, 9, 14):
        engine, heard = tiny_engine(), noise(session, 60)
        engine.open(session, "home")
        said = live(engine, session, heard, INJECTED)
        for cut in range(1, len(heard)):
            past, last = past_at(cut, heard, said, INJECTED), said[cut - 1]
            assert (last.pending_injected, last.waited_chunks) == (past.pending_injected, past.waited_chunks)
            assert last.injected_tokens == past.chunks[-1].injected_tokens
            waited += past.pending_injected != ""
            wrote += last.injected_tokens > 0
    assert min(waited, wrote) > 10


def test_a_session_more_than_slots_is_refused_and_changes_nothing() -> None:
    slots = Slots(2)
    slots.take(10, 0.0)
    slots.take(11, 0.0)
    with pytest.raises(SlotsExhausted):
        slots.take(12, 0.0)
    assert (slots.num_live, slots.num_free) == (2, 0)
    assert 12 not in slots
    slots.check_integrity()


def test_a_slot_given_back_serves_the_next_session_as_a_new_generation() -> None:
    slots = Slots(1)
    first = slots.take(10, 0.0)
    slots.give_back(10)
    second = slots.take(11, 0.0)
    assert (second.slot, second.generation) == (first.slot, first.generation + 1)


def test_sessions_that_were_never_opened_or_are_closed_are_lost() -> None:
    slots = Slots(1)
    slots.take(10, 0.0)
    slots.give_back(10)
    for session in (10, 99):
        with pytest.raises(SessionForgotten):
            slots.of(session)


def test_idle_sessions_are_told_longest_idle_first() -> None:
    slots = Slots(3)
    for session, seen_s in ((1, 5.0), (2, 3.0), (3, 9.0)):
        slots.take(session, seen_s)
    assert slots.idle_since(9.0) == [2, 1]
    slots.of(2).seen_s = 9.5
    assert slots.idle_since(9.0) == [1]


def test_any_order_of_opening_and_closing_keeps_every_slot_accounted_for() -> None:
    rng, slots = random.Random(0), Slots(5)
    for session in range(500):
        live = [number for number in range(session) if number in slots]
        if live and (not slots.num_free or rng.random() < 0.5):
            slots.give_back(rng.choice(live))
        if slots.num_free:
            slots.take(session, float(session))
        slots.check_integrity()


def test_the_lowest_free_slot_comes_first_so_that_live_ones_are_neighbours() -> None:
    slots = Slots(4)
    for session in range(4):
        slots.take(session, 0.0)
    for session in (2, 0):
        slots.give_back(session)
    assert slots.take(9, 0.0).slot == 0
