"""Triton's side of the decoder: tensors in, one tick, tensors out, errors translated."""

import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import triton_python_backend_utils as pb_utils
from control import Control
from meters import Meters
from opentelemetry.trace import Span
from pasts import read_past

from duplexsla.engine.checkpoint import load_engine
from duplexsla.engine.decoder import Answer, ChunkRequest, Decoder
from duplexsla.engine.engine import StepOutput
from duplexsla.errors import BadInput, DuplexSLAError, Retriable, StaleFence
from duplexsla.history import NO_HISTORY, events, open_history
from duplexsla.telemetry import TRACEPARENT, Page, Telemetry, fail, names, policy, setup

SEQUENCE_START, SEQUENCE_END = 1, 2  # bits of request.flags()


class TritonPythonModel:
    def initialize(self, args: dict[str, str]) -> None:
        given = json.loads(args["model_config"])["parameters"]
        settings = {key: value["string_value"] for key, value in given.items()}
        torch.set_num_threads(int(settings["threads"]))
        folder = Path(args["model_repository"]) / args["model_version"]
        engine = load_engine(folder, slots=int(settings["slots"]))
        self._decoder = Decoder(engine, idle_s=float(settings["idle_s"]))
        self._alone = threading.Lock()  # who holds it may use the decoder
        self._history = open_history(settings["history"], "decoder")
        self._telemetry = setup(
            "duplexsla-decoder",
            otlp_endpoint=settings["otlp_endpoint"],
            trace_file=settings["trace_file"],
            policy=policy(settings["trace_policy"]),
        )
        self._meters = Meters(self._decoder, self._telemetry)
        page = Page(self._meters.readings)
        self._control = Control(self._decoder, self._alone, page, settings["control"])

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        with self._alone:
            return self._execute(requests)

    def _execute(self, requests: Sequence[Any]) -> list[Any]:
        started_ns, started = time.time_ns(), time.monotonic()
        chunks = [_chunk(request) for request in requests]
        expired = self._decoder.expire(started)
        answers = self._answers(chunks, started)
        tick_s = time.monotonic() - started
        if self._history is not NO_HISTORY:
            self._write_down(chunks, answers)
        step = (len(requests), int(tick_s * 1e6), self._decoder.num_free, int(self._decoder.draining))
        spans = [
            _trace(self._telemetry, request, answer, started_ns=started_ns, step=step)
            for request, answer in zip(requests, answers, strict=True)
        ]
        traced = next((span for span in spans if span is not None), None)
        self._meters.tick(answers, tick_s=tick_s, expired=len(expired), span=traced)
        return [_response(answer, step) for answer in answers]

    def finalize(self) -> None:
        self._control.close()
        self._history.close()
        self._telemetry.shutdown()

    def _answers(self, chunks: Sequence[ChunkRequest | DuplexSLAError], now_s: float) -> Sequence[Answer]:
        """One answer each; those that could not be read are answered with what is wrong with them."""
        served = iter(self._serve([each for each in chunks if isinstance(each, ChunkRequest)], now_s))
        return [next(served) if isinstance(each, ChunkRequest) else each for each in chunks]

    def _write_down(self, chunks: Sequence[ChunkRequest | DuplexSLAError], answers: Sequence[Answer]) -> None:
        for chunk, answer in zip(chunks, answers, strict=True):
            if not isinstance(chunk, ChunkRequest):
                continue
            if isinstance(answer, StepOutput):
                digest = events.digest_of(answer.anchor, answer.codes, answer.action)
                row = events.step_accepted(chunk.session, chunk.chunk, placement=chunk.fence, digest=digest)
                self._history.write(row)
            elif isinstance(answer, StaleFence):
                newest = self._decoder.fence_of(chunk.session)
                row = events.step_refused(chunk.session, chunk.chunk, placement=chunk.fence, newest=newest)
                self._history.write(row)

    def _serve(self, chunks: Sequence[ChunkRequest], now_s: float) -> Sequence[Answer]:
        try:
            return self._decoder.serve(chunks, now_s)
        except Exception as error:  # outermost frame: these sessions are lost, the decoder goes on
            pb_utils.Logger.log_error(f"tick of {len(chunks)} sessions failed: {error!r}")
            self._decoder.lose([chunk.session for chunk in chunks])
            return [DuplexSLAError(repr(error))] * len(chunks)


def _chunk(request: Any) -> ChunkRequest | DuplexSLAError:
    def tensor(name: str) -> Any:
        return pb_utils.get_input_tensor_by_name(request, name).as_numpy()[0]

    flags = request.flags()
    start = bool(flags & SEQUENCE_START)
    try:
        past = read_past(tensor("PAST")[0]) if start else None
    except DuplexSLAError as error:
        return error
    return ChunkRequest(
        session=request.correlation_id(),
        chunk=int(tensor("CHUNK")[0]),
        fence=int(tensor("FENCE")[0]),
        samples=tensor("AUDIO"),
        forced=tensor("FORCED")[0].decode(errors="replace"),
        start=start,
        end=bool(flags & SEQUENCE_END),
        toolset=_parameters(request).get("toolset", "home") if start else "",
        past=past,
    )


def _parameters(request: Any) -> dict[str, Any]:
    parameters: dict[str, Any] = json.loads(request.parameters() or "{}")
    return parameters


def _response(answer: Answer, step: tuple[int, int, int, int]) -> Any:
    if isinstance(answer, StepOutput):
        return pb_utils.InferenceResponse(_tensors(answer, step))
    return pb_utils.InferenceResponse(error=pb_utils.TritonError(f"{answer.code}: {answer}", _status(answer)))


def _status(error: DuplexSLAError) -> Any:
    if isinstance(error, Retriable):
        return pb_utils.TritonError.UNAVAILABLE
    refused = isinstance(error, BadInput | StaleFence)
    return pb_utils.TritonError.INVALID_ARG if refused else pb_utils.TritonError.INTERNAL


def _tensors(output: StepOutput, step: tuple[int, int, int, int]) -> list[Any]:
    def text(*pieces: str) -> np.ndarray:
        return np.array([[piece.encode() for piece in pieces]], dtype=object)

    numbers = (output.silent, *step, output.forced_tokens, output.waited_chunks)
    return [
        pb_utils.Tensor("SOUND", output.samples[None]),
        pb_utils.Tensor("CODES", np.array([output.codes], dtype=np.int32)),
        pb_utils.Tensor("ANCHOR", text(output.anchor)),
        pb_utils.Tensor("ACTION", text(*output.action)),
        pb_utils.Tensor("PENDING", text(output.pending_forced)),
        pb_utils.Tensor("STEP", np.array([numbers], dtype=np.uint32)),
    ]


def _trace(
    telemetry: Telemetry,
    request: Any,
    answer: Answer,
    *,
    started_ns: int,
    step: tuple[int, int, int, int],
) -> Span | None:
    """One span per request, as long as the tick, below the gateway's step; none for a step without one."""
    parent = _parameters(request).get(TRACEPARENT) if telemetry.recording else None
    if not parent:
        return None
    batch, tick_us, *_ = step
    span = telemetry.start(
        names.SPAN_DECODER_STEP,
        parent=parent,
        start_ns=started_ns,
        attributes={
            names.ATTR_SESSION: f"{request.correlation_id():016x}",
            names.ATTR_CHUNK: int(index) if (index := request.request_id()).isdigit() else -1,
            names.ATTR_BATCH: batch,
            names.ATTR_TICK_MS: tick_us / 1000,
        },
    )
    if isinstance(answer, DuplexSLAError):
        fail(span, answer)
    span.end(started_ns + tick_us * 1000)
    return span
