"""The real Triton with a tiny model: batches, typed errors, repeats, idle expiry, gauges and spans."""

import json
import threading
import urllib.error
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
from duplexsla.gateway.tensors import read_answer
from duplexsla.local import triton
from duplexsla.local.process import free_port, until
from duplexsla.session.journal import Journal
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
    control: str  # http://host:port

    def ask(self, *requests: service_pb2.ModelInferRequest) -> list[service_pb2.ModelStreamInferResponse]:
        """Sends all at once on one stream; answers in the order of arrival."""
        return list(self.stub.ModelStreamInfer(iter(requests)))

    def metric(self, name: str) -> float:
        text = urllib.request.urlopen(f"{self.control}/metrics", timeout=5).read().decode()
        return float(next(line for line in text.splitlines() if line.startswith(f"{name} ")).split()[-1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("triton")
    weights = folder / "weights"
    weights.mkdir()
    control = f"127.0.0.1:{free_port()}"
    parameters = {"slots": str(SLOTS), "idle_s": str(IDLE_S), "trace_file": str(folder / "spans.jsonl")}
    parameters |= {"control": control}
    started = triton.start(folder, weights=save_tiny(weights), parameters=parameters)
    with grpc.insecure_channel(started.address) as channel:
        stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
        yield Server(started, stub, weights, folder / "spans.jsonl", f"http://{control}")
    started.stop()


def _request(
    session: int,
    chunk: int,
    *,
    start: bool | None = None,
    end: bool = False,
    fence: int = 5,
    forced: str = "",
    past: bytes = b"",
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
        "PAST": ("BYTES", [1, 1], len(past).to_bytes(4, "little") + past),
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
    assert server.metric("duplexsla_decoder_sessions") == SLOTS
    ends = server.ask(*(_request(session, 1, end=True) for session in sessions))
    assert [answer.error_message for answer in ends[:SLOTS]] == [""] * SLOTS
    assert ends[SLOTS].error_message == "decoder_lost: unknown session"
    assert until(lambda: server.metric("duplexsla_decoder_free_slots") == SLOTS, 5.0)


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


def test_a_session_goes_on_from_its_past_as_if_it_had_been_there_all_the_time(server: Server) -> None:
    session, cut = next(_ids), 7
    chunks = range(len(HEARD))
    forced = {4: " [ done 21 degrees] [ failed] [ done 22 degrees]"}
    straight = server.ask(*(_request(session, n, forced=forced.get(n, ""), end=n == 11) for n in chunks))
    journal = Journal()
    for index, answer in enumerate(straight[:cut]):
        journal.add(index, HEARD[index].tobytes(), read_answer(answer.infer_response).step)
    other = next(_ids)
    rest = [
        _request(other, n, start=n == cut, end=n == 11, past=journal.past("home", cut) if n == cut else b"")
        for n in chunks[cut:]
    ]
    for mine, theirs in zip(server.ask(*rest), straight[cut:], strict=True):
        for name in ("CODES", "ANCHOR", "ACTION", "PENDING"):
            assert _output(mine, name) == _output(theirs, name)


def test_a_past_that_cannot_be_read_is_refused_alone(server: Server) -> None:
    bad, good = next(_ids), next(_ids)
    torn, fine = server.ask(_request(bad, 0, past=b"\xff\xff"), _request(good, 0, end=True))
    assert torn.error_message.startswith("bad_message: the past cannot be read")
    assert _output(fine, "ACTION")


def test_an_idle_session_expires_by_the_decoders_own_clock(server: Server) -> None:
    idle, before = next(_ids), server.metric("duplexsla_decoder_sessions_expired_total")
    server.ask(_request(idle, 0))

    def expired() -> bool:
        server.ask(_request(next(_ids), 0, end=True))  # others' chunks make the decoder look
        return server.metric("duplexsla_decoder_sessions_expired_total") > before

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


def test_a_drain_starts_nobody_tells_those_who_are_there_and_waits_for_the_last(server: Server) -> None:
    """The last test of this file: a decoder that drained is done."""
    session, replies = next(_ids), []
    (first,) = server.ask(_request(session, 0))
    assert _drain(server, deadline_s=0.0) == (503, 1) and _health(server) == (503, True)
    draining = threading.Thread(target=lambda: replies.append(_drain(server, deadline_s=30.0)))
    draining.start()
    (refused,) = server.ask(_request(next(_ids), 0))
    assert refused.error_message == "slots_exhausted: this decoder is draining"
    (last,) = server.ask(_request(session, 1, end=True))
    flags = [int(np.frombuffer(_output(answer, "STEP"), np.uint32)[4]) for answer in (first, last)]
    draining.join(20)
    assert flags == [0, 1] and replies == [(200, 0)]


def _drain(server: Server, *, deadline_s: float) -> tuple[int, int]:
    """Status, and how many sessions are left."""
    status, shown = _http(
        urllib.request.Request(f"{server.control}/drain?deadline_s={deadline_s}", method="POST")
    )
    return status, shown["left"]


def _health(server: Server) -> tuple[int, bool]:
    status, shown = _http(urllib.request.Request(f"{server.control}/healthz"))
    return status, shown["draining"]


def _http(request: urllib.request.Request) -> tuple[int, dict[str, int]]:
    try:
        with urllib.request.urlopen(request, timeout=40) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
