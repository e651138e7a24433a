"""A history as an engine's prefix: every piece in its place, whatever the vocabulary."""

import random
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.bench_cases import QUIET
from tests.support.tiny_engine import tiny_engine, tiny_vocabulary

from duplexsla.clock import ACTION_BUDGET, CHUNK_SAMPLES
from duplexsla.protocol import tokens
from duplexsla.protocol.tokens import Vocabulary, build_vocabulary
from duplexsla.tools import TOOLSETS
from duplexsla_lab.bench.case import ActionText, AssistantTrack, Case, CaseSentence, CaseTurn, Samples
from duplexsla_lab.bench.conversation import PlaySettings, converse
from duplexsla_lab.bench.systems.case_prefix import CasePrefixes, segments
from duplexsla_lab.bench.systems.engine import EngineSystem
from duplexsla_lab.bench.systems.shared_engine import SharedEngine

SILENT = 7  # code of silence
TEXTS = (
    " turn",
    " on",
    tokens.RESPONSE,
    " ( the light is on)",
    " ~light",
    " [ done 21 degrees]",
    " ~extraordinary",
)


def track(*writing: ActionText, chunks: int = 20, sentences: tuple[CaseSentence, ...] = ()) -> AssistantTrack:
    return AssistantTrack(chunks, sentences, writing)


def encode(sound: Samples) -> NDArray[np.int64]:
    return np.arange(len(sound) // CHUNK_SAMPLES * 4).reshape(-1, 4) + 100


def prefixes() -> CasePrefixes:
    return CasePrefixes(encode, SILENT, tiny_vocabulary())


def spelling() -> Vocabulary:
    """Knows no word: everything is spelled."""
    home = TOOLSETS["home"]
    return build_vocabulary([], 200, home.function_names, home.argument_names)


@pytest.mark.parametrize("vocabulary", [tiny_vocabulary(), spelling()], ids=["words", "letters"])
def test_every_piece_of_the_channel_appears_once_in_order_and_within_the_budget(
    vocabulary: Vocabulary,
) -> None:
    for seed in range(10):
        rng = random.Random(seed)
        chunks = sorted(rng.sample(range(20), 8))
        written = track(*(ActionText(chunk, rng.choice(TEXTS)) for chunk in chunks), chunks=60)
        found = segments(written, vocabulary)
        assert all(len(pieces) <= ACTION_BUDGET for pieces, _ in found)
        text = "".join(each.text for each in written.writing)
        assert "".join(piece for pieces, _ in found for piece in pieces) == text
        so_far = 0
        for each in written.writing:  # nothing comes before its chunk
            before = "".join(piece for pieces, _ in found[: each.chunk] for piece in pieces)
            assert len(before) <= so_far
            so_far += len(each.text)


def test_in_the_vocabulary_that_wrote_it_every_chunk_is_as_it_was() -> None:
    written = track(
        ActionText(2, " turn on"), ActionText(3, tokens.RESPONSE), ActionText(9, " [ done] ( the", 8)
    )
    found = segments(written, tiny_vocabulary())
    assert ["".join(pieces) for pieces, _ in found if pieces] == [
        " turn on",
        tokens.RESPONSE,
        " [ done] ( the",
    ]
    pieces, forced = found[9]
    assert "".join(pieces[:forced]) == " [ done]"
    assert [number for number, (pieces, _) in enumerate(found) if pieces] == [2, 3, 9]


def test_a_turn_becomes_chunks_of_sound_anchors_codes_and_pieces() -> None:
    words = ((0.02, 0.2, "kitchen"), (0.2, 0.5, "light"))
    sentence = CaseSentence(words, 3, 6, np.ones(4 * CHUNK_SAMPLES, np.int16))  # cut: it has a fourth chunk
    heard = np.arange(6 * CHUNK_SAMPLES).astype(np.int16)
    history = [
        CaseTurn(
            "hello", "kitchen", heard, "light", track(ActionText(2, " on"), chunks=6, sentences=(sentence,))
        )
    ]
    prefix = prefixes().prefix("home", history)
    assert prefix is not None and prefix.next_chunk == 6
    assert np.array_equal(np.concatenate([chunk.samples for chunk in prefix.chunks]), heard)
    anchors = [chunk.anchor for chunk in prefix.chunks]
    assert anchors == [tokens.VAD_SILENCE] * 3 + [" kitchen", " light", tokens.TTS_PAD]
    assert [chunk.codes for chunk in prefix.chunks] == [(SILENT,) * 4] * 3 + [
        (100, 101, 102, 103),
        (104, 105, 106, 107),
        (108, 109, 110, 111),
    ]
    assert [tuple(chunk.action) for chunk in prefix.chunks][2:4] == [
        (" on", tokens.ACTION_END),
        (tokens.ACTION_END,),
    ]


def test_a_sentence_whose_pieces_are_fewer_than_its_chunks_keeps_its_length() -> None:
    sentence = CaseSentence(((0.02, 0.2, "kitchen"),), 1, 6, np.ones(2 * CHUNK_SAMPLES, np.int16))
    heard = np.zeros(8 * CHUNK_SAMPLES, np.int16)
    prefix = prefixes().prefix("home", [CaseTurn("", "", heard, "", track(chunks=8, sentences=(sentence,)))])
    assert prefix is not None
    said = [" kitchen", *[tokens.TTS_PAD] * 4]
    silence = tokens.VAD_SILENCE
    assert [chunk.anchor for chunk in prefix.chunks] == [silence, *said, silence, silence]


def test_turns_follow_each_other_and_each_sentence_is_encoded_once() -> None:
    encoded = []

    def count(sound: Samples) -> NDArray[np.int64]:
        encoded.append(len(sound))
        return encode(sound)

    sentence = CaseSentence(((0.0, 0.1, "light"),), 1, 3, np.ones(2 * CHUNK_SAMPLES, np.int16))
    turn = CaseTurn(
        "hello", "light", np.zeros(3 * CHUNK_SAMPLES, np.int16), "", track(chunks=3, sentences=(sentence,))
    )
    prefix = CasePrefixes(count, SILENT, tiny_vocabulary()).prefix("home", [turn, turn])
    assert (
        prefix is not None
        and [chunk.anchor != tokens.VAD_SILENCE for chunk in prefix.chunks] == [False, True, True] * 2
    )
    assert len(encoded) == 1


def test_a_history_without_tracks_is_no_prefix() -> None:
    assert prefixes().prefix("home", [CaseTurn("hello", "hi", np.zeros(10, np.int16))]) is None


def home_cases(made: list[Case]) -> list[Case]:
    return [case for case in made if case.toolset == "home"]


def test_an_engine_goes_on_from_the_history_of_every_made_case(made: list[Case]) -> None:
    """A tiny engine: what it says is noise, but its chunks count from the case's first, and all are there."""
    shared = SharedEngine(tiny_engine(slots=1))
    system = EngineSystem(shared, prefixes())
    for case in home_cases(made):
        result = converse(case, system, PlaySettings(prefill=True, tail_s=0.5), QUIET)
        chunks = -(-len(case.samples()) // CHUNK_SAMPLES) + 4
        assert len(result.log.speech) == chunks
        assert all(0 <= call.trigger < chunks for call in result.log.calls)


def test_a_prefix_makes_a_difference_and_the_same_one_the_same(made: list[Case]) -> None:
    case = next(case for case in home_cases(made) if case.scenario == "interrupt")
    system = EngineSystem(SharedEngine(tiny_engine(slots=1)), prefixes())
    terms = PlaySettings(prefill=True, tail_s=0.5)
    once, again = (converse(case, system, terms, QUIET) for _ in range(2))
    bare = converse(replace(case, history=()), system, terms, QUIET)
    assert once == again != bare
