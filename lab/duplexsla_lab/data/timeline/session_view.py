"""A session as something to read, one line per chunk, and as a stereo recording to listen to."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from duplexsla.audio.wav import write_wav
from duplexsla.clock import CHUNK_S, chunk_at
from duplexsla.protocol import tokens
from duplexsla.protocol.serialization import ChunkPieces
from duplexsla.protocol.tokens import Vocabulary
from duplexsla_lab.data.pcm import Samples
from duplexsla_lab.data.timeline.timeline import AnnotatedSession
from duplexsla_lab.data.timeline.training_session import TrainingSession

HEAD = "   time  user              assistant          action channel"


def chunks_of(session: TrainingSession, vocabulary: Vocabulary) -> list[ChunkPieces]:
    """The session's chunks in the paper's exact form; `protocol.serialization.render` writes them out."""
    anchors = vocabulary.pieces(session.anchors.tolist())
    codes = [tuple(four) for four in session.codes.tolist()]
    actions = [tuple(vocabulary.pieces(segment)) for segment in session.actions]
    return [ChunkPieces(*each) for each in zip(anchors, codes, actions, strict=True)]


def user_words(annotated: AnnotatedSession) -> dict[int, str]:
    """What the user is saying in each chunk: a word stands where it starts."""
    heard: dict[int, str] = defaultdict(str)
    for line in annotated.lines:
        for start, _, word in line.words:
            heard[chunk_at(start)] += f" {word}"
    return heard


def table(annotated: AnnotatedSession, vocabulary: Vocabulary) -> Iterator[str]:
    """Time, the user's words, the anchor and the action segment; a dot for silence, a bar for <tts_pad>."""
    yield HEAD
    heard = user_words(annotated)
    short = {tokens.VAD_SILENCE: "·", tokens.TTS_PAD: "|"}
    for c, chunk in enumerate(chunks_of(annotated.session, vocabulary)):
        anchor = short.get(chunk.anchor, chunk.anchor.strip())
        row = f"{c * CHUNK_S:7.2f}  {heard[c].strip():<16}  {anchor:<17}  {''.join(chunk.action).strip()}"
        yield row.rstrip()


def appendix(annotated: AnnotatedSession, vocabulary: Vocabulary) -> Iterator[str]:
    """The lines of appendix A: what the user says in brackets behind U U, and every marker."""
    heard = user_words(annotated)
    for c, chunk in enumerate(chunks_of(annotated.session, vocabulary)):
        user = f"U U({heard[c].strip()})" if heard[c] else "U U"
        action = f"{''.join(chunk.action).strip()} " if chunk.action else ""
        yield (
            f"{tokens.USER_AUDIO_BEGIN} {user} {tokens.USER_AUDIO_END} {tokens.ASSISTANT_AUDIO_BEGIN} "
            f"T({chunk.anchor.strip()}) A A A A {tokens.ASSISTANT_AUDIO_END} {action}{tokens.ACTION_END}"
        )


def annotation(annotated: AnnotatedSession) -> Iterator[str]:
    """What was to be done, and when: the annotation beside the stream."""
    for line in annotated.lines:
        end_s = line.words[-1][1]
        yield f'user {line.start_s:.2f}..{end_s:.2f} s: "{line.line.said}"'
        for each in line.actions:
            arguments = ", ".join(f"{key}={value}" for key, value in each.action.arguments.items())
            name = f"{each.action.name}({arguments})" if each.action.is_call else f"<{each.action.name}>"
            at = f"offset {each.offset_s:.2f} s, chunk {each.chunk}, written {each.begun}..{each.closed}"
            yield f"  {name}  {at}{'  ->' + each.action.outcome if each.action.outcome else ''}"
    for sentence in annotated.speech:
        cut = "" if sentence.whole else ", cut"
        start_s, end_s = sentence.first * CHUNK_S, sentence.end * CHUNK_S
        yield f'assistant {start_s:.2f}..{end_s:.2f} s: "{sentence.text}"{cut}'


def write_stereo(path: Path, user: Samples, assistant: Samples) -> None:
    """int16 [N] each; the user left, the assistant right. The shorter one ends in silence."""
    both = np.zeros((max(len(user), len(assistant)), 2), np.int16)
    both[: len(user), 0], both[: len(assistant), 1] = user, assistant
    write_wav(path, both.astype("<i2").tobytes(), channels=2)
