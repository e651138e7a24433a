"""A session that lives through a conversation, and what a journal beside it holds at any cut."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from duplexsla.engine.engine import Engine, StepInput, StepOutput
from duplexsla.engine.prefix import Prefix, PrefixChunk
from duplexsla.protocol import tokens

Injected = Mapping[int, str]  # chunk -> text of the service that came with it


def live(
    engine: Engine, session: int, heard: NDArray[np.int16], injected: Injected, *, first: int = 0
) -> list[StepOutput]:
    """heard [chunks, 2560] from chunk `first` on."""
    return [
        engine.step([StepInput(session, heard[chunk], injected.get(chunk, ""))])[0]
        for chunk in range(first, len(heard))
    ]


def past_at(
    cut: int, heard: NDArray[np.int16], said: Sequence[StepOutput], injected: Injected, *, first: int = 0
) -> Prefix:
    """The chunks first .. cut - 1, as somebody knows them who saw what went in and what came out."""
    chunks, pending, writing, came = [], "", False, 0
    for chunk, output in enumerate(said[:cut]):
        if chunk in injected:
            came = came if pending else chunk
            pending += injected[chunk]
        num_injected = 0
        if pending and (writing or output.action[0] == tokens.OUTCOME_OPEN):  # the model cannot write that
            while pending and pending.startswith(output.action[num_injected]):
                pending = pending.removeprefix(output.action[num_injected])
                num_injected += 1
        writing = bool(pending) and num_injected > 0
        said_here = (output.anchor, output.codes, output.action)
        chunks.append(PrefixChunk(heard[chunk], *said_here, num_injected, output.choices))
    return Prefix("home", first, chunks[first:], pending, cut - came if pending else 0)
