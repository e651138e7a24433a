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
from tests.support.decoder_rows import chunk_row
from tests.support.tiny_engine import noise, run, save_tiny
from tritonclient.grpc import service_pb2, service_pb2_grpc

from duplexsla.engine.checkpoint import load_engine
from duplexsla.errors import DecoderLost, DuplexSLAError, ProtocolError
from duplexsla.gateway.decoders.client import Requests, Row, pack_elements, read_answers
from duplexsla.local import triton
from duplexsla.local.process import free_port, until
from duplexsla.session.dialogue import DecodedStep
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
    injected_text: str = "",
    past: bytes = b"",
    toolset: str = "home",
    traceparent: str = "",
) -> service_pb2.ModelInferRequest:
    started = toolset if (chunk == 0 if start is None else start) else ""
    samples = HEARD[chunk % len(HEARD)].tobytes()
    return _rows(
        chunk_row(
            session,
            chunk,
            fence,
            samples,
            toolset=started,
            past=past,
            end=end,
            injected_text=injected_text,
            traceparent=traceparent,
        )
    )


def _rows(*rows: Row) -> service_pb2.ModelInferRequest:
    request = service_pb2.ModelInferRequest()
    request.CopyFrom(Requests().fill(rows[0].request.chunk, rows))
    return request


def _answers(response: service_pb2.ModelStreamInferResponse) -> list[DecodedStep | DuplexSLAError]:
    assert not response.error_message, response.error_message
    return read_answers(response.infer_response)


def _step(response: service_pb2.ModelStreamInferResponse) -> DecodedStep:
    (answer,) = _answers(response)
    assert isinstance(answer, DecodedStep), answer
    return answer


def _error(response: service_pb2.ModelStreamInferResponse) -> str:
    (answer,) = _answers(response)
    return f"{answer.code}: {answer}" if isinstance(answer, DuplexSLAError) else ""


def _said(response: service_pb2.ModelStreamInferResponse) -> tuple[object, ...]:
    decoded = _step(response).decoded
    return list(decoded.codes), decoded.anchor, list(decoded.action), decoded.pending_injected_text


def _batches(responses: Iterable[service_pb2.ModelStreamInferResponse]) -> list[int]:
    return [_step(response).tick.batch for response in responses]


def test_a_session_says_through_triton_what_the_engine_says_alone(server: Server) -> None:
    session, last = next(_ids), len(HEARD) - 1
    answers = [server.ask(_request(session, chunk, end=chunk == last))[0] for chunk in range(last + 1)]
    engine = load_engine(server.weights, slots=1)
    engine.open(session, "home")
    for answer, output in zip(answers, run(engine, {session: HEARD})[session], strict=True):
        step = _step(answer)
        assert step.decoded.action == output.action and step.decoded.anchor == output.anchor
        assert tuple(step.decoded.codes) == output.codes
        sound = np.frombuffer(step.sound, np.int16)
        assert np.abs(sound.astype(int) - output.samples).max() <= 3


def test_requests_of_several_sessions_share_a_tick(server: Server) -> None:
    sessions = [next(_ids) for _ in range(SLOTS)]
    starts = [_request(session, 0, traceparent="x" * (session % 2)) for session in sessions]
    more = [_request(session, chunk) for chunk in range(1, 12) for session in sessions]
    ends = [_request(session, 12, end=True) for session in sessions]
    assert max(_batches(server.ask(*starts, *more, *ends))) >= SLOTS


def test_a_session_without_a_slot_is_refused_and_the_others_go_on(server: Server) -> None:
    sessions = [next(_ids) for _ in range(SLOTS + 1)]
    answers = server.ask(*(_request(session, 0) for session in sessions))
    assert [_error(answer).partition(":")[0] for answer in answers] == [""] * SLOTS + ["slots_exhausted"]
    assert server.metric("duplexsla_decoder_sessions") == SLOTS
    ends = server.ask(*(_request(session, 1, end=True) for session in sessions))
    assert [_error(answer) for answer in ends[:SLOTS]] == [""] * SLOTS
    assert _error(ends[SLOTS]) == "decoder_lost: unknown session"
    assert until(lambda: server.metric("duplexsla_decoder_free_slots") == SLOTS, 5.0)


def test_each_row_of_a_request_has_an_answer_of_its_own(server: Server) -> None:
    mine, unknown, bad = (next(_ids) for _ in range(3))
    sound = HEARD[0].tobytes()
    (response,) = server.ask(
        _rows(
            chunk_row(unknown, 3, 5, sound),
            chunk_row(mine, 0, 5, sound, injected_text=" [ done 21 degrees]", toolset="home"),
            chunk_row(bad, 0, 5, sound, toolset="home", past=b"\xff\xff"),
            chunk_row(mine, 1, 5, sound, end=True),
        )
    )
    lost, first, torn, last = _answers(response)
    assert response.infer_response.id == "3"
    assert isinstance(lost, DecoderLost) and isinstance(torn, ProtocolError)
    assert isinstance(first, DecodedStep) and isinstance(last, DecodedStep)
    assert first.decoded.action[:5] == [" [", " done", " 21", " degrees", "]"]
    assert np.frombuffer(first.sound, np.int16).shape == (2560,)


def test_a_session_that_starts_again_in_the_same_tick_forgets_what_it_was(server: Server) -> None:
    session, sound = next(_ids), [each.tobytes() for each in HEARD]
    (alone,) = server.ask(_request(next(_ids), 0, end=True))
    (response,) = server.ask(
        _rows(
            chunk_row(session, 0, 5, sound[3], toolset="home"),
            chunk_row(session, 1, 5, sound[4]),
            chunk_row(session, 0, 6, sound[0], toolset="home", end=True),
        )
    )
    *_, again = _answers(response)
    assert isinstance(again, DecodedStep)
    assert again.decoded == _step(alone).decoded


def test_errors_are_typed_and_the_session_survives_them(server: Server) -> None:
    session = next(_ids)
    server.ask(_request(session, 0), _request(session, 5))
    (old,) = server.ask(_request(session, 3))
    (stale,) = server.ask(_request(session, 6, fence=4))
    (good,) = server.ask(_request(session, 6, end=True))
    assert _error(old) == "bad_message: chunk 3 after 5"
    assert _error(stale).startswith("stale_fence: ")
    assert _step(good).decoded.action


def test_a_repeated_chunk_is_answered_with_the_stored_response(server: Server) -> None:
    session = next(_ids)
    first, again, other = server.ask(
        _request(session, 0), _request(session, 0), _request(session, 1, end=True)
    )
    assert _said(first) == _said(again) and _step(first).sound == _step(again).sound
    assert _step(other).decoded.anchor


def test_a_session_goes_on_from_its_past_as_if_it_had_been_there_all_the_time(server: Server) -> None:
    session, cut = next(_ids), 7
    chunks = range(len(HEARD))
    forced = {4: " [ done 21 degrees] [ failed] [ done 22 degrees]"}
    straight = server.ask(
        *(_request(session, n, injected_text=forced.get(n, ""), end=n == 11) for n in chunks)
    )
    journal = Journal()
    for index, answer in enumerate(straight[:cut]):
        journal.add(index, HEARD[index].tobytes(), _step(answer))
    other = next(_ids)
    rest = [
        _request(other, n, start=n == cut, end=n == 11, past=journal.past("home", cut) if n == cut else b"")
        for n in chunks[cut:]
    ]
    for mine, theirs in zip(server.ask(*rest), straight[cut:], strict=True):
        assert _said(mine) == _said(theirs)


def test_a_past_that_cannot_be_read_is_refused_alone(server: Server) -> None:
    bad, good = next(_ids), next(_ids)
    torn, fine = server.ask(_request(bad, 0, past=b"\xff\xff"), _request(good, 0, end=True))
    assert _error(torn).startswith("bad_message: the past cannot be read")
    assert _step(fine).decoded.action


def test_a_request_that_cannot_be_read_is_refused_alone(server: Server) -> None:
    torn = _rows(
        chunk_row(next(_ids), 0, 5, HEARD[0].tobytes()), chunk_row(next(_ids), 9, 5, HEARD[0].tobytes())
    )
    torn.raw_input_contents[1] = pack_elements(
        [b"\xff\xff", chunk_row(1, 9, 5, b"").request.SerializeToString()]
    )
    first, second = _answers(server.ask(torn)[0])
    assert isinstance(first, ProtocolError) and isinstance(second, DecoderLost)


def test_an_idle_session_expires_by_the_decoders_own_clock(server: Server) -> None:
    idle, before = next(_ids), server.metric("duplexsla_decoder_sessions_expired_total")
    server.ask(_request(idle, 0))

    def expired() -> bool:
        server.ask(_request(next(_ids), 0, end=True))  # others' chunks make the decoder look
        return server.metric("duplexsla_decoder_sessions_expired_total") > before

    assert until(expired, 20.0)
    (answer,) = server.ask(_request(idle, 1, end=True))
    assert _error(answer) == "decoder_lost: unknown session"


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
    assert _error(refused) == "slots_exhausted: this decoder is draining"
    (last,) = server.ask(_request(session, 1, end=True))
    draining.join(20)
    assert [_step(answer).tick.draining for answer in (first, last)] == [False, True] and replies == [
        (200, 0)
    ]


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
