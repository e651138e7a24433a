"""What a gateway asks reaches the engine, and what the engine answers reaches the gateway, field by field."""

import numpy as np
import pytest
from chunk_codec import read_request, to_engine, to_wire
from tests.support.decoder_rows import chunk_row
from tritonclient.grpc.service_pb2 import ModelInferResponse

from duplexsla.clock import CHUNK_SAMPLES, SILENCE
from duplexsla.engine.calibration import Calibration
from duplexsla.engine.engine import StepOutput
from duplexsla.engine.session_registry import DecodeRequest
from duplexsla.errors import DuplexSLAError, ProtocolError, StaleFence
from duplexsla.gateway.decoders.client import Answer, pack_elements, read_answers
from duplexsla.protocol import tokens
from duplexsla.protocol.call_confidence import UNKNOWN, CallChoice, CallConfidence
from duplexsla.session.dialogue import DecodedStep
from duplexsla.session.journal import encode_chunk
from duplexsla.v1 import journal_pb2 as wire
from duplexsla.v1.decoder_pb2 import ClosedCall, DecodedChunk, TickReport
from duplexsla.v1.journal_pb2 import Past, PastChunk

SAMPLES = np.arange(CHUNK_SAMPLES, dtype=np.int16)
OURS = "0123456789abcdef"
TABLE = Calibration(OURS, ((0.25, 0.75),), calls=4)
TICK = TickReport(batch=3, duration_us=1_234, free_slots=5, draining=True, model=OURS)


def _past(**fields: object) -> bytes:
    chunks = [
        PastChunk(
            index=n,
            audio=SAMPLES.tobytes(),
            anchor=" on",
            codes=[1, 2, 3, 4],
            action=[" a"],
            forced_tokens=1,
            choices=[wire.CallChoice(chosen=-0.25, outside=-4.5)],
        )
        for n in (5, 6)
    ]
    written = {
        "toolset": "car",
        "next_chunk": 8,
        "pending_forced": " [ done]",
        "waited_chunks": 2,
        "model": OURS,
    }
    return Past(chunks=map(encode_chunk, chunks), **(written | fields)).SerializeToString()  # type: ignore[arg-type]


def _asked(past: bytes) -> DecodeRequest:
    row = chunk_row(1 << 63, 8, 1 << 60, b"", toolset="car", past=past, end=True, injected_text=" [ late]")
    return to_engine(read_request(row.request.SerializeToString()), SAMPLES, model=OURS)


def _answered(answer: StepOutput | DuplexSLAError, calibration: Calibration | None = None) -> Answer:
    response = ModelInferResponse()
    for name, content in (
        ("SOUND", SILENCE),
        ("RESPONSE", pack_elements([to_wire(answer, TICK, calibration)])),
    ):
        response.outputs.add(name=name)
        response.raw_output_contents.append(content)
    (read,) = read_answers(response)
    return read


def test_a_request_reaches_the_engine_whole() -> None:
    asked = _asked(b"")
    assert (asked.session, asked.chunk, asked.fence) == (1 << 63, 8, 1 << 60)
    assert (asked.start, asked.end, asked.toolset, asked.injected) == (True, True, "car", " [ late]")
    assert asked.samples is SAMPLES and asked.prefix is None


def test_a_later_chunk_starts_nothing() -> None:
    row = chunk_row(7, 8, 1, b"")
    asked = to_engine(row.request, SAMPLES, model=OURS)
    assert (asked.start, asked.end, asked.prefix) == (False, False, None)


def test_a_past_reaches_the_engine_as_its_prefix() -> None:
    prefix = _asked(_past()).prefix
    assert prefix is not None
    assert (prefix.toolset, prefix.first_chunk, prefix.next_chunk) == ("car", 6, 8)
    assert (prefix.pending_injected, prefix.waited_chunks) == (" [ done]", 2)
    for chunk in prefix.chunks:
        assert np.array_equal(chunk.samples, SAMPLES)
        assert (chunk.anchor, chunk.codes, chunk.injected_tokens) == (" on", (1, 2, 3, 4), 1)
        assert list(chunk.action) == [" a", tokens.ACTION_END]
        assert list(chunk.choices) == [(-0.25, -4.5)]


@pytest.mark.parametrize("model", ["", OURS])
def test_of_a_past_only_the_chunks_that_this_model_decoded_are_a_prefix(model: str) -> None:
    prefix = _asked(_past(model=model, model_since=6)).prefix
    assert prefix is not None and (prefix.first_chunk, prefix.next_chunk) == (7, 8)


def test_of_another_models_past_only_the_services_text_is_kept() -> None:
    asked = _asked(_past(model="f" * 16))
    assert asked.prefix is None and asked.injected == " [ done] [ late]"


@pytest.mark.parametrize("torn", [b"\xff\xff", Past(chunks=[b"\xff\xff"]).SerializeToString()])
def test_what_cannot_be_read_is_a_bad_message(torn: bytes) -> None:
    with pytest.raises(ProtocolError):
        _asked(torn)
    with pytest.raises(ProtocolError, match="the request cannot be read"):
        read_request(b"\xff\xff")


def test_an_output_reaches_the_gateway_whole() -> None:
    action = [" [", " done", tokens.ACTION_END]
    output = StepOutput(7, SAMPLES, (1, 2, 3, 6_560), " on", action, 2, " 21 degrees]", 3)
    decoded = DecodedChunk(
        anchor=" on",
        codes=(1, 2, 3, 6_560),
        action=action,
        injected_tokens=2,
        pending_injected_text=" 21 degrees]",
        waited_chunks=3,
    )
    assert _answered(output) == DecodedStep(SILENCE, decoded, TICK)


@pytest.mark.parametrize(
    ("table", "call", "confidence", "calibrated"),
    [
        (TABLE, CallConfidence(0.5, 0.5, 2.0), 0.75, True),
        (TABLE, CallConfidence(0.5, 0.4, 2.0), 0.0, True),
        (TABLE, UNKNOWN, 0.0, False),
        (None, CallConfidence(0.5, 0.5, 2.0), 0.0, False),
    ],
)
def test_a_closed_call_reaches_the_gateway_with_the_confidence_of_the_table(
    table: Calibration | None, call: CallConfidence, confidence: float, calibrated: bool
) -> None:
    action, choices = [tokens.TOOLCALL_END, tokens.ACTION_END], [CallChoice(-0.25, -4.5)]
    read = _answered(
        StepOutput(7, SAMPLES, (1, 2, 3, 4), " on", action, choices=choices, calls={0: call}), table
    )
    assert isinstance(read, DecodedStep)
    told = ClosedCall(
        closed_by=0,
        function_p=call.function_p,
        argument_p=call.argument_p,
        margin=call.margin,
        confidence=confidence,
        calibrated=calibrated,
    )
    assert list(read.decoded.calls) == [told]
    assert list(read.decoded.choices) == [wire.CallChoice(chosen=-0.25, outside=-4.5)]


def test_an_error_reaches_the_gateway_with_its_kind() -> None:
    read = _answered(StaleFence("fence 4, the session's is 5"))
    assert type(read) is StaleFence and str(read) == "fence 4, the session's is 5"
