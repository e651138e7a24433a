"""Chunks and sessions, written and read back equal."""

import random

import pytest
from tests.support.vocabularies import RICH

from duplexsla.errors import ProtocolError
from duplexsla.protocol import tokens
from duplexsla.protocol.serialization import ChunkPieces, from_pieces, parse, render, to_pieces

ODD = [
    "·",
    "\\",
    ")",
    "(",
    "\n",
    "\r",
    " A(1)",
    "<|",
    " ",
    "é",
    "\\n",
    "<|action_end|",
    "\u2028",
    *tokens.LABELS,
]


def some_chunk(rng: random.Random) -> ChunkPieces:
    pool = [*RICH.pieces(range(7, len(RICH))), *ODD * 40]  # odd ones are frequent
    words = ["".join(rng.choices(pool, k=rng.randint(1, 3))) for _ in range(rng.choice([0, 0, 1, 10]))]
    action = tuple(word for word in words if word not in tokens.FRAME_MARKERS)
    codes = tuple(rng.randrange(tokens.AUDIO_CODES) for _ in range(4))
    return ChunkPieces(rng.choice([tokens.VAD_SILENCE, tokens.TTS_PAD, " light", *ODD]), codes, action)


def test_a_chunk_is_the_papers_piece_sequence() -> None:
    chunk = ChunkPieces(" on", (1, 0, 6_560, 3), (" ok", "<response>"))
    assert "".join(to_pieces(chunk)) == (
        "<|user_audio_begin|>UU<|user_audio_end|>"
        "<|assistant_audio_begin|> on<|audio_1|><|audio_0|><|audio_6560|><|audio_3|><|assistant_audio_end|>"
        " ok<response><|action_end|>"
    )


def test_a_session_reads_like_appendix_a() -> None:
    chunks = [
        ChunkPieces(tokens.VAD_SILENCE, (0, 0, 0, 0)),
        ChunkPieces(" ok", (7, 8, 9, 10), (" the", " lamp", "<response>")),
    ]
    assert render(chunks) == (
        "<|user_audio_begin|> U U <|user_audio_end|> <|assistant_audio_begin|> T(<vad_silence>) "
        "A(0) A(0) A(0) A(0) <|assistant_audio_end|> <|action_end|>\n"
        "<|user_audio_begin|> U U <|user_audio_end|> <|assistant_audio_begin|> T( ok) A(7) A(8) A(9) A(10) "
        "<|assistant_audio_end|>  the· lamp·<response> <|action_end|>\n"
    )


def test_every_chunk_comes_back_equal_from_its_pieces() -> None:
    rng = random.Random(1)
    for _ in range(500):
        chunk = some_chunk(rng)
        assert from_pieces(to_pieces(chunk)) == chunk


def test_every_session_comes_back_equal_from_its_lines() -> None:
    rng = random.Random(2)
    for length in (0, 1, 2, 300):
        chunks = [some_chunk(rng) for _ in range(length)]
        assert render(chunks).count("\n") == length
        assert parse(render(chunks)) == chunks


def test_damaged_pieces_are_refused() -> None:
    rng = random.Random(3)
    whole = to_pieces(ChunkPieces(" on", (1, 2, 3, 4), (" ok",)))
    for place in [*range(5), *range(6, 11), 12]:
        with pytest.raises(ProtocolError):
            from_pieces([*whole[:place], "<pad>", *whole[place + 1 :]])
    for length in range(len(whole)):
        with pytest.raises(ProtocolError):
            from_pieces(whole[:length])
    for _ in range(300):
        pieces = rng.sample(whole, len(whole))
        if pieces != whole:
            with pytest.raises(ProtocolError):
                from_pieces(pieces)


def test_a_damaged_line_is_named() -> None:
    text = render([ChunkPieces(" on", (1, 2, 3, 4)), ChunkPieces(" off", (1, 2, 3, 4))])
    with pytest.raises(ProtocolError, match="line 2"):
        parse(text.replace("T( off)", "T( off"))
    with pytest.raises(ProtocolError, match="line 1"):
        parse("\n" + text)


def test_what_would_break_the_frame_cannot_be_in_a_chunk() -> None:
    for anchor, codes, action in (
        ("", (1, 2, 3, 4), ()),
        (tokens.ACTION_END, (1, 2, 3, 4), ()),
        (" a", (1, 2, 3), ()),
        (" a", (1, 2, 3, 6_561), ()),
        (" a", (1, 2, 3, 4), (tokens.ASSISTANT_AUDIO_END,)),
        (" a", (1, 2, 3, 4), ("",)),
    ):
        with pytest.raises(ProtocolError):
            ChunkPieces(anchor, codes, action)
