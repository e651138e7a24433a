"""The real Triton with a tiny model: batches, typed errors, repeats, idle expiry, gauges and spans."""

import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import grpc
import numpy as np
import pytest
from tests.engine.tiny import noise, run, save_tiny
from tritonclient.grpc import service_pb2, service_pb2_grpc

from duplexsla.engine.checkpoint import load_engine
from duplexsla.local import triton
from duplexsla.local.process import until
from duplexsla.telemetry import read_spans

pytestmark = pytest.mark.integration

SLOTS, IDLE_S = 4, 1.0
HEARD = noise(7, 12)
TRACE, PARENT = "1" * 32, "2" * 16
_ids = count((1 << 63) + 1)  # beyond the range of a signed number


@dataclass(frozen=True)
class Server:
    triton: triton.Triton
    stub: service_pb2_grpc.GRPCInferenceServiceStub
    weights: Path
    trace_file: Path

    def ask(self, *requests: service_pb2.ModelInferRequest) -> list[service_pb2.ModelStreamInferResponse]:
        """Sends all at once on one stream; answers in the order of arrival."""
        return list(self.stub.ModelStreamInfer(iter(requests)))

    def metric(self, name: str) -> float:
        text = urllib.request.urlopen(self.triton.metrics_url, timeout=5).read().decode()
        return float(next(line for line in text.splitlines() if line.startswith(f"{name}{{")).split()[-1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("triton")
    weights = folder / "weights"
    weights.mkdir()
    parameters = {"slots": str(SLOTS), "idle_s": str(IDLE_S), "trace_file": str(folder / "spans.jsonl")}
    started = triton.start(folder, weights=save_tiny(weights), parameters=parameters)
    with grpc.insecure_channel(started.address) as channel:
        stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
        yield Server(started, stub, weights, folder / "spans.jsonl")
    started.stop()


def _request(
    session: int,
    chunk: int,
    *,
    start: bool | None = None,
    end: bool = False,
    fence: int = 5,
    forced: str = "",
    **parameters: str,
) -> service_pb2.ModelInferRequest:
    request = service_pb2.ModelInferRequest(model_name="duplexsla", id=str(chunk))
    request.parameters["sequence_id"].int64_param = session - (1 << 64) if session >> 63 else session
    request.parameters["sequence_start"].bool_param = chunk == 0 if start is None else start
    request.parameters["sequence_end"].bool_param = end
    for name, value in parameters.items():
        request.parameters[name].string_param = value
    text = forced.encode()
    tensors = {
        "AUDIO": ("INT16", [1, 2560], HEARD[chunk % len(HEARD)].tobytes()),
        "CHUNK": ("UINT64", [1, 1], np.uint64(chunk).tobytes()),
        "FENCE": ("UINT64", [1, 1], np.uint64(fence).tobytes()),
        "FORCED": ("BYTES", [1, 1], len(text).to_bytes(4, "little") + text),
    }
    for name, (kind, shape, content) in tensors.items():
        request.inputs.add(name=name, datatype=kind, shape=shape)
        request.raw_input_contents.append(content)
    return request


def _output(response: service_pb2.ModelStreamInferResponse, name: str) -> bytes:
    assert not response.error_message, response.error_message
    names = [output.name for output in response.infer_response.outputs]
    return bytes(response.infer_response.raw_output_contents[names.index(name)])


def _pieces(content: bytes) -> list[str]:
    pieces = []
    while content:
        size = int.from_bytes(content[:4], "little")
        pieces.append(content[4 : 4 + size].decode())
        content = content[4 + size :]
    return pieces


def _batches(responses: Iterable[service_pb2.ModelStreamInferResponse]) -> list[int]:
    return [int(np.frombuffer(_output(response, "STEP"), np.uint32)[1]) for response in responses]


def test_a_session_says_through_triton_what_the_engine_says_alone(server: Server) -> None:
    session, last = next(_ids), len(HEARD) - 1
    answers = [server.ask(_request(session, chunk, end=chunk == last))[0] for chunk in range(last + 1)]
    engine = load_engine(server.weights, slots=1)
    engine.open(session, "home")
    for answer, output in zip(answers, run(engine, {session: HEARD})[session], strict=True):
        assert _pieces(_output(answer, "ACTION")) == output.action
        assert _pieces(_output(answer, "ANCHOR")) == [output.anchor]
        assert np.frombuffer(_output(answer, "CODES"), np.int32).tolist() == list(output.codes)
        sound = np.frombuffer(_output(answer, "SOUND"), np.int16)
        assert np.abs(sound.astype(int) - output.samples).max() <= 3


def test_several_sessions_share_a_tick_whatever_their_parameters(server: Server) -> None:
    sessions = [next(_ids) for _ in range(SLOTS)]
    parameters = [{}, {"toolset": "home"}, {"traceparent": "x"}, {"toolset": "home", "traceparent": "y"}]
    starts = [_request(session, 0, **given) for session, given in zip(sessions, parameters, strict=True)]
    more = [_request(session, chunk) for chunk in range(1, 12) for session in sessions]
    ends = [_request(session, 12, end=True) for session in sessions]
    assert max(_batches(server.ask(*starts, *more, *ends))) == SLOTS


def test_a_session_without_a_slot_is_refused_and_the_others_go_on(server: Server) -> None:
    sessions = [next(_ids) for _ in range(SLOTS + 1)]
    answers = server.ask(*(_request(session, 0) for session in sessions))
    assert [answer.error_message.partition(":")[0] for answer in answers] == [""] * SLOTS + [
        "slots_exhausted"
    ]
    assert server.metric("duplexsla_live_sessions") == SLOTS
    ends = server.ask(*(_request(session, 1, end=True) for session in sessions))
    assert [answer.error_message for answer in ends[:SLOTS]] == [""] * SLOTS
    assert ends[SLOTS].error_message == "decoder_lost: unknown session"
    assert until(lambda: server.metric("duplexsla_free_slots") == SLOTS, 5.0)


def test_a_session_that_never_started_is_unknown(server: Server) -> None:
    (answer,) = server.ask(_request(next(_ids), 3))
    assert "must specify the START flag" in answer.error_message  # Triton's own words
    assert answer.infer_response.id == "3"


def test_errors_are_typed_and_the_session_survives_them(server: Server) -> None:
    session = next(_ids)
    server.ask(_request(session, 0), _request(session, 5))
    (old,) = server.ask(_request(session, 3))
    (stale,) = server.ask(_request(session, 6, fence=4))
    (good,) = server.ask(_request(session, 6, end=True))
    assert old.error_message == "bad_message: chunk 3 after 5"
    assert stale.error_message.startswith("stale_fence: ")
    assert _output(good, "ACTION")


def test_a_repeated_chunk_is_answered_with_the_stored_response(server: Server) -> None:
    session = next(_ids)
    first, again, other = server.ask(
        _request(session, 0), _request(session, 0), _request(session, 1, end=True)
    )
    for name in ("SOUND", "CODES", "ANCHOR", "ACTION"):
        assert _output(first, name) == _output(again, name)
    assert _output(other, "ANCHOR")


def test_forced_text_comes_back_on_the_action_channel(server: Server) -> None:
    (answer,) = server.ask(_request(next(_ids), 0, end=True, forced=" [ done 21 degrees]"))
    assert _pieces(_output(answer, "ACTION"))[:5] == [" [", " done", " 21", " degrees", "]"]


def test_an_idle_session_expires_by_the_decoders_own_clock(server: Server) -> None:
    idle, before = next(_ids), server.metric("duplexsla_expired_sessions_total")
    server.ask(_request(idle, 0))

    def expired() -> bool:
        server.ask(_request(next(_ids), 0, end=True))  # others' chunks make the decoder look
        return server.metric("duplexsla_expired_sessions_total") > before

    assert until(expired, 20.0)
    (answer,) = server.ask(_request(idle, 1, end=True))
    assert answer.error_message == "decoder_lost: unknown session"


def test_the_span_of_a_step_hangs_below_the_gateways(server: Server) -> None:
    session = next(_ids)
    server.ask(_request(session, 0, end=True, traceparent=f"00-{TRACE}-{PARENT}-01"))

    def mine() -> list[dict[str, object]]:
        spans = read_spans(server.trace_file) if server.trace_file.exists() else []
        return [span for span in spans if span["trace_id"] == TRACE]

    assert until(lambda: len(mine()) == 1, 10.0)
    (span,) = mine()
    assert (span["name"], span["parent_id"]) == ("decoder.step", PARENT)
