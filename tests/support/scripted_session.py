"""A session that lives through a conversation, and what a journal beside it holds at any cut."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from duplexsla.engine.engine import Engine, StepInput, StepOutput
from duplexsla.engine.prefix import PastChunk, Prefix
from duplexsla.protocol import tokens

Forced = Mapping[int, str]  # chunk -> text of the service that came with it


def live(
    engine: Engine, session: int, heard: NDArray[np.int16], forced: Forced, *, first: int = 0
) -> list[StepOutput]:
    """heard [chunks, 2560] from chunk `first` on."""
    return [
        engine.step([StepInput(session, heard[chunk], forced.get(chunk, ""))])[0]
        for chunk in range(first, len(heard))
    ]


def past_at(
    cut: int, heard: NDArray[np.int16], said: Sequence[StepOutput], forced: Forced, *, first: int = 0
) -> Prefix:
    """The chunks first .. cut - 1, as somebody knows them who saw what went in and what came out."""
    chunks, pending, writing, came = [], "", False, 0
    for chunk, output in enumerate(said[:cut]):
        if chunk in forced:
            came = came if pending else chunk
            pending += forced[chunk]
        num_forced = 0
        if pending and (writing or output.action[0] == tokens.OUTCOME_OPEN):  # the model cannot write that
            while pending and pending.startswith(output.action[num_forced]):
                pending = pending.removeprefix(output.action[num_forced])
                num_forced += 1
        writing = bool(pending) and num_forced > 0
        chunks.append(PastChunk(heard[chunk], output.anchor, output.codes, output.action, num_forced))
    return Prefix("home", first, chunks[first:], pending, cut - came if pending else 0)
