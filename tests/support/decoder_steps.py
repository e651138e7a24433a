"""Answers of a decoder, made up."""

from typing import Any

from duplexsla.clock import CHUNK_BYTES
from duplexsla.protocol import tokens
from duplexsla.session.dialogue import DecodedStep
from duplexsla.v1.decoder_pb2 import DecodedChunk, TickReport


def step(*pieces: str, sound: bytes = bytes(CHUNK_BYTES), model: str = "", **given: Any) -> DecodedStep:
    """One that says nothing and writes these pieces; `given` are fields of the DecodedChunk."""
    silent = {"anchor": tokens.VAD_SILENCE, "codes": (0, 0, 0, 0), "silent": True}
    decoded = DecodedChunk(**{**silent, **given}, action=(*pieces, tokens.ACTION_END))
    return DecodedStep(sound, decoded, TickReport(batch=1, duration_us=900, free_slots=3, model=model))
