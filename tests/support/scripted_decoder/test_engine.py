"""A scripted session that moves to another decoder goes on as if it had not."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.support.scripted_decoder.engine import ScriptedEngine
from tests.support.scripted_decoder.script import Line, call, name_in, naming_chunk
from tests.support.scripted_decoder.weights import TOOLSETS, vocabulary_of

from duplexsla.clock import CHUNK_SAMPLES, SILENCE
from duplexsla.engine.engine import StepInput, StepOutput
from duplexsla.engine.prefix import Prefix, PrefixChunk

SCRIPTS = {
    "light": [
        Line(at=2, write=f" kitchen light{call('open_home_device', device='light', room='kitchen')}"),
        Line(after=" [ done]", at=1, say="the light is on"),
    ]
}
VOCABULARY = vocabulary_of(SCRIPTS, TOOLSETS)
CHUNKS, OUTCOME_AT = 16, 8


def engine() -> ScriptedEngine:
    return ScriptedEngine(VOCABULARY, TOOLSETS, SCRIPTS, slots=2)


def sound(chunk: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
    return np.frombuffer(naming_chunk("light") if chunk == 0 else SILENCE, np.int16)


def run(decoder: ScriptedEngine, first: int) -> list[StepOutput]:
    return [
        decoder.step([StepInput(1, sound(chunk), " [ done]" if chunk == OUTCOME_AT else "")])[0]
        for chunk in range(first, CHUNKS)
    ]


def test_its_calls_are_as_sure_as_the_script_says_whoever_goes_on_with_them() -> None:
    unsure = {"light": [replace(SCRIPTS["light"][0], sure=0.5)]}
    decoder = ScriptedEngine(VOCABULARY, TOOLSETS, unsure, slots=1)
    decoder.open(1, "home")
    (call,) = (call for each in run(decoder, 0) for call in each.calls.values())
    assert call.function_p == pytest.approx(0.5) and 0 < call.argument_p < 0.5


def told(outputs: list[StepOutput]) -> list[tuple[object, ...]]:
    return [(each.anchor, each.action, each.injected_tokens, each.choices, each.calls) for each in outputs]


def test_it_writes_says_and_waits_for_the_service() -> None:
    decoder = engine()
    decoder.open(1, "home")
    outputs = run(decoder, 0)
    written = "".join(piece for each in outputs for piece in each.action[:-1])
    assert written == SCRIPTS["light"][0].write + " [ done]"
    spoken = [chunk for chunk, each in enumerate(outputs) if not each.silent]
    assert "".join(each.anchor for each in outputs if not each.silent) == " the light is on"
    assert spoken[0] > OUTCOME_AT and all(len(each.action) <= 11 for each in outputs)


@cache
def undisturbed() -> list[StepOutput]:
    whole = engine()
    whole.open(1, "home")
    return run(whole, 0)


@pytest.mark.parametrize("cut", range(1, CHUNKS))
def test_from_any_cut_another_engine_goes_on_with_the_same(cut: int) -> None:
    other, outputs = engine(), undisturbed()
    chunks = [
        PrefixChunk(sound(i), each.anchor, each.codes, each.action, each.injected_tokens, each.choices)
        for i, each in enumerate(outputs[:cut])
    ]
    last = outputs[cut - 1]
    other.restore(1, Prefix("home", 0, chunks, last.pending_injected, last.waited_chunks))
    assert told(run(other, cut)) == told(outputs[cut:])


def test_ordinary_sound_names_no_script() -> None:
    assert name_in(naming_chunk("light")) == "light"
    assert name_in(bytes(2 * CHUNK_SAMPLES)) == "default"
