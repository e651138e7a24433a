"""The vocabulary: what is one piece, and that encoding loses nothing."""

import random
from pathlib import Path

import pytest
from tests.support.vocabularies import POOR, RICH, TEXTS

from duplexsla.errors import CheckpointError
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import ActionObject, call_text
from duplexsla.protocol.tokens import CONTROL, PRINTABLE, Vocabulary, build_vocabulary
from duplexsla.tools import TOOLSETS


def test_every_printable_text_comes_back_whole() -> None:
    rng = random.Random(1)
    for vocabulary in (RICH, POOR):
        for _ in range(500):
            parts = [*PRINTABLE, *CONTROL, " kitchen", " kitch", "21", " turning", "ing"]
            text = "".join(rng.choices(parts, k=rng.randint(0, 40)))
            assert vocabulary.text(vocabulary.encode(text)) == text


def test_unknown_characters_are_dropped() -> None:
    assert RICH.text(RICH.encode("a\u2028\0é b\n")) == "a b"


def test_markers_and_skeleton_are_one_piece_each() -> None:
    for piece in CONTROL:
        assert RICH.encode(piece) == [RICH.id(piece)]


def test_a_call_is_cut_into_skeleton_names_and_spaced_words() -> None:
    text = ActionObject("open_home_device", 3, "on it", {"device": "lamp", "room": "living room"}).text()
    words = [" living", " room", '"}}', tokens.TOOLCALL_END]
    call = [
        '{"function": "',
        "open_home_device",
        '", "arguments": {"',
        "device",
        '": "',
        " lamp",
        '", "',
        "room",
    ]
    assert (
        RICH.pieces(RICH.encode(text))[-13:]
        == [tokens.TOOLCALL_BEGIN, *call[:-1], "room", '": "', *words][-13:]
    )
    assert RICH.pieces(RICH.encode(" living room")) == words[:2]


def test_a_number_is_bare_and_a_call_without_arguments_is_closed_at_once() -> None:
    pieces = RICH.pieces(RICH.encode(call_text("set_timer", {"value": 21, "unit": "minutes"})))
    assert pieces[3:] == ["value", '": ', "21", ', "', "unit", '": "', " minutes", '"}}']
    assert len(RICH.encode(call_text("disarm_home_alarm", {}))) == 3


def test_control_pieces_have_the_first_ids_in_a_fixed_order() -> None:
    first = [
        "<pad>",
        "<|action_end|>",
        "<vad_silence>",
        "<tts_pad>",
        "<response>",
        "<interrupt>",
        "<backchannel>",
    ]
    assert RICH.pieces(range(7)) == first and RICH.pieces(range(len(CONTROL))) == list(CONTROL)


def test_a_vocabulary_is_the_same_for_the_same_texts_and_never_too_large() -> None:
    home = TOOLSETS["home"]
    for size in (160, 200, 300, 2_000):
        built = [build_vocabulary(TEXTS, size, home.function_names, home.argument_names) for _ in range(2)]
        assert len(built[0]) <= size
        assert built[0].pieces(range(len(built[0]))) == built[1].pieces(range(len(built[1])))
    with pytest.raises(ValueError, match="at least"):
        build_vocabulary(TEXTS, 100, home.function_names, home.argument_names)


def test_frequent_words_digit_pairs_and_endings_are_pieces() -> None:
    texts = ["humming drumming strumming 21 degrees"] * 3 + ["rare"]
    vocabulary = build_vocabulary(texts, len(CONTROL) + len(PRINTABLE) + 20, [], [])
    assert all(piece in vocabulary for piece in (" humming", " degrees", "21", "ing"))


def test_saved_and_loaded_is_equal(tmp_path: Path) -> None:
    RICH.save(tmp_path / "vocabulary.json")
    loaded = Vocabulary.load(tmp_path / "vocabulary.json")
    assert loaded.pieces(range(len(loaded))) == RICH.pieces(range(len(RICH)))


@pytest.mark.parametrize("content", ["", "{}", "[1]", '["a"]', '["a", "a"]'])
def test_a_damaged_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "vocabulary.json").write_text(content)
    with pytest.raises(CheckpointError):
        Vocabulary.load(tmp_path / "vocabulary.json")
    with pytest.raises(CheckpointError):
        Vocabulary.load(tmp_path / "missing.json")
