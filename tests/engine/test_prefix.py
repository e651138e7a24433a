"""A session that is restored from its prefix continues with the tokens of one that never left its decoder."""

from functools import cache

import numpy as np
import pytest
from tests.support.scripted_session import live, past_at
from tests.support.tiny_engine import WINDOW, noise, tiny_engine, written

from duplexsla.engine.engine import StepInput, StepOutput
from duplexsla.engine.prefix import Prefix, PrefixChunk
from duplexsla.errors import ProtocolError, SessionForgotten, SlotsExhausted
from duplexsla.protocol import tokens

CHUNKS, AFTER = 60, 12
OUTCOME = " [ done 21 degrees]"
INJECTED = {3: OUTCOME, 11: OUTCOME * 3, 20: OUTCOME, 21: OUTCOME, 35: " [ done]", 44: OUTCOME * 2}
LEAN = {tokens.VAD_SILENCE: 1.7, tokens.ACTION_END: 1.75, tokens.TOOLCALL_BEGIN: 0.9}  # now and then a call
REACH_CHUNKS = 2 * WINDOW // 2 + 7  # two layers' windows, two positions a chunk, and the front end's own
CUTS = ((7, range(1, CHUNKS)), (9, range(4, CHUNKS, 4)), (14, range(4, CHUNKS, 4)))  # before which chunks


@cache
def _undisturbed(session: int) -> list[StepOutput]:
    engine = tiny_engine(lean=LEAN)
    engine.open(session, "home")
    return live(engine, session, noise(session, CHUNKS + AFTER), INJECTED)


def _past(session: int, cut: int, *, first: int = 0) -> Prefix:
    return past_at(cut, noise(session, CHUNKS + AFTER), _undisturbed(session), INJECTED, first=first)


def _go_on(pasts: dict[int, tuple[int, Prefix]], *, chunks: int = AFTER) -> dict[int, list[StepOutput]]:
    """Prefills sessions together, steps them together: name -> what the rebuilt session says."""
    engine = tiny_engine(slots=len(pasts), lean=LEAN)
    for name, (_, past) in pasts.items():
        engine.restore(name, past)
    said: dict[int, list[StepOutput]] = {name: [] for name in pasts}
    heard = {session: noise(session, CHUNKS + AFTER) for session, _ in pasts.values()}
    for step in range(chunks):
        inputs = []
        for name, (session, past) in pasts.items():
            chunk = past.next_chunk + step
            inputs.append(StepInput(name, heard[session][chunk], INJECTED.get(chunk, "")))
        for output in engine.step(inputs):
            said[output.session].append(output)
    return said


@pytest.mark.parametrize(("session", "cuts"), CUTS)
def test_from_any_cut_a_session_continues_as_if_it_had_never_left(session: int, cuts: range) -> None:
    undisturbed = _undisturbed(session)
    rebuilt = _go_on({cut: (session, _past(session, cut)) for cut in cuts})
    for cut in cuts:
        after = undisturbed[cut : cut + AFTER]
        assert written(rebuilt[cut]) == written(after), f"cut before chunk {cut}"
        for mine, theirs in zip(rebuilt[cut], after, strict=True):
            assert np.abs(mine.samples.astype(int) - theirs.samples).max() <= 3


def test_the_cuts_above_fall_into_calls_replies_and_waiting_texts() -> None:
    pasts = [_past(session, cut) for session, cuts in CUTS for cut in cuts]
    in_call = replying = waiting = injecting = 0
    for past in pasts:
        written_so_far = [piece for chunk in past.chunks for piece in chunk.action]
        begun, ended = (written_so_far.count(t) for t in (tokens.TOOLCALL_BEGIN, tokens.TOOLCALL_END))
        in_call += begun > ended
        replying += past.chunks[-1].anchor != tokens.VAD_SILENCE
        waiting += past.pending_injected != "" and past.chunks[-1].injected_tokens == 0
        injecting += past.pending_injected != "" and past.chunks[-1].injected_tokens > 0
    assert min(in_call, replying, waiting, injecting) >= 3, (in_call, replying, waiting, injecting)


def test_the_newest_part_of_a_long_past_is_enough() -> None:
    cuts = range(REACH_CHUNKS + 1, CHUNKS, 3)
    rebuilt = _go_on({cut: (7, _past(7, cut, first=cut - REACH_CHUNKS)) for cut in cuts})
    for cut in cuts:
        assert written(rebuilt[cut]) == written(_undisturbed(7)[cut : cut + AFTER])


def test_sessions_restored_together_equal_each_alone() -> None:
    pasts = {cut: (session, _past(session, cut)) for session, cut in ((7, 5), (9, 40), (14, 1), (3, 23))}
    together = _go_on(pasts)
    for name, one in pasts.items():
        assert written(together[name]) == written(_go_on({name: one})[name])


def test_a_prefill_leaves_the_neighbours_of_its_slots_alone() -> None:
    engine = tiny_engine(slots=3, lean=LEAN)
    engine.open(7, "home")
    heard = noise(7, CHUNKS + AFTER)
    said = live(engine, 7, heard[:20], INJECTED)
    for name, past in ((1, _past(9, 30)), (2, _past(14, 8))):
        engine.restore(name, past)
    engine.step([StepInput(name, heard[0]) for name in (1, 2)])
    said += live(engine, 7, heard, INJECTED, first=20)
    assert written(said) == written(_undisturbed(7))


def test_a_past_without_chunks_is_a_new_session() -> None:
    engine = tiny_engine(lean=LEAN)
    engine.restore(7, Prefix("home", 0, []))
    assert written(live(engine, 7, noise(7, CHUNKS + AFTER), INJECTED)) == written(_undisturbed(7))


@pytest.mark.parametrize(
    "chunk",
    [
        PrefixChunk(np.zeros(100, np.int16), tokens.VAD_SILENCE, (0,) * 4, [tokens.ACTION_END]),
        PrefixChunk(np.zeros(2560, np.int16), "no such piece", (0,) * 4, [tokens.ACTION_END]),
        PrefixChunk(np.zeros(2560, np.int16), tokens.VAD_SILENCE, (0, 0, 0, 6_561), [tokens.ACTION_END]),
        PrefixChunk(np.zeros(2560, np.int16), tokens.VAD_SILENCE, (0,) * 4, [" ("]),
        PrefixChunk(np.zeros(2560, np.int16), tokens.VAD_SILENCE, (0,) * 4, []),
        PrefixChunk(
            np.zeros(2560, np.int16), tokens.VAD_SILENCE, (0,) * 4, [*" ( a ( a ( a", tokens.ACTION_END]
        ),
        PrefixChunk(np.zeros(2560, np.int16), tokens.VAD_SILENCE, (0,) * 4, [tokens.ACTION_END], 1),
        PrefixChunk(
            np.zeros(2560, np.int16),
            tokens.VAD_SILENCE,
            (0,) * 4,
            [tokens.TOOLCALL_BEGIN, tokens.TOOLCALL_END, tokens.ACTION_END],
        ),
    ],
)
def test_a_past_that_cannot_be_is_refused_and_takes_no_slot(chunk: PrefixChunk) -> None:
    engine = tiny_engine(lean=LEAN)
    with pytest.raises(ProtocolError):
        engine.restore(2, Prefix("home", 0, [chunk]))
    with pytest.raises(SessionForgotten):
        engine.close(2)
    assert engine.slots.num_free == engine.slots.count


def test_a_past_without_a_slot_is_refused() -> None:
    engine = tiny_engine(slots=1)
    engine.restore(1, _past(7, 4))
    with pytest.raises(SlotsExhausted):
        engine.restore(2, _past(7, 5))
    engine.slots.check_integrity()
