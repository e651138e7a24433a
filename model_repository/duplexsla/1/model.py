"""Triton's side of the decoder: rows of tensors in, one tick, rows of tensors out."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
import triton_python_backend_utils as pb_utils
from chunk_codec import read_request, to_engine, to_wire
from control_port import DecoderDrain, DecoderMetrics, TickWatch
from numpy.typing import NDArray
from opentelemetry.trace import SpanContext

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.engine.calibration import Calibration, read_calibration
from duplexsla.engine.checkpoint import load_engine
from duplexsla.engine.engine import StepOutput
from duplexsla.engine.model_folder import identity_of, read_model_folder
from duplexsla.engine.native.library import KernelChoice
from duplexsla.engine.session_registry import Answer, DecodeRequest, SessionRegistry
from duplexsla.errors import DuplexSLAError, StaleFence
from duplexsla.history import NO_HISTORY, events, open_history
from duplexsla.runtime.control import ControlPages, ControlThread
from duplexsla.runtime.service_settings import DecoderParameters
from duplexsla.runtime.settings import MODEL_PARAMETERS, read
from duplexsla.telemetry import MetricsPage, Telemetry, extract, names, setup
from duplexsla.v1.decoder_pb2 import ChunkRequest, TickReport

SILENCE = np.zeros(CHUNK_SAMPLES, np.int16)

Samples = NDArray[np.int16]  # [2560]
Row = tuple[Samples, ChunkRequest | DuplexSLAError]  # an error: the request could not be read


class TritonPythonModel:
    def initialize(self, args: dict[str, str]) -> None:
        given = json.loads(args["model_config"])["parameters"]
        texts = {key: value["string_value"] for key, value in given.items()}
        settings = read(DecoderParameters, texts, MODEL_PARAMETERS)
        torch.set_num_threads(settings.threads)
        folder = Path(args["model_repository"]) / args["model_version"]
        self._model, self._identity = read_model_folder(folder), identity_of(folder)
        self._calibration = read_calibration(folder, self._identity)
        engine = load_engine(folder, slots=settings.slots, kernels=cast(KernelChoice, settings.kernels))
        self._decoder = SessionRegistry(engine, idle_s=settings.idle_s)
        self._alone = threading.Lock()  # who holds it may use the decoder
        self._history = open_history(settings.history, "decoder")
        self._telemetry = setup(
            "duplexsla-decoder",
            otlp_endpoint=settings.otlp,
            trace_file=settings.trace_file,
            policy=settings.trace_policy,
        )
        self._watch = TickWatch()
        self._metrics = DecoderMetrics(self._decoder, self._telemetry)
        drain, page = DecoderDrain(self._decoder, self._alone), MetricsPage(self._metrics.samples)
        self._control = ControlThread(ControlPages(self._report, drain, page), settings.control)

    def _report(self) -> tuple[bool, dict[str, object]]:
        toolsets = {name: each.version for name, each in self._model.toolsets.items()}
        told = {"model": self._identity, "family": self._model.family, "toolsets": toolsets}
        calibrated = self._calibration is not None
        kernels = self._decoder.engine.backends.kernels
        live = {"sessions": self._decoder.num_live, "kernels": kernels}
        return self._watch.well, {**live, **told, "calibrated": calibrated}

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        with self._alone, self._watch.tick():
            return self._execute(requests)

    def _execute(self, requests: Sequence[Any]) -> list[Any]:
        started_ns, started = time.time_ns(), time.monotonic()
        messages = [_rows(request) for request in requests]
        rows = [row for message in messages for row in message]
        chunks = [_chunk(*row, model=self._identity) for row in rows]
        expired = self._decoder.expire(started)
        answers = self._answers(chunks, started)
        tick_s = time.monotonic() - started
        if self._history is not NO_HISTORY:
            self._write_history(chunks, answers)
        tick = TickReport(
            batch=len(chunks),
            duration_us=int(tick_s * 1e6),
            free_slots=self._decoder.num_free,
            draining=self._decoder.draining,
            model=self._identity,
        )
        spans = [
            _trace(self._telemetry, request, answer, started_ns=started_ns, tick=tick)
            for (_, request), answer in zip(rows, answers, strict=True)
        ]
        traced = next((span for span in spans if span is not None), None)
        self._metrics.tick(answers, tick_s=tick_s, expired=len(expired), span=traced)
        rest = iter(answers)
        return [_response(list(islice(rest, len(message))), tick, self._calibration) for message in messages]

    def finalize(self) -> None:
        self._control.close()
        self._history.close()
        self._telemetry.shutdown()

    def _answers(self, chunks: Sequence[DecodeRequest | DuplexSLAError], now_s: float) -> Sequence[Answer]:
        """One answer each; those that could not be read are answered with what is wrong with them."""
        served = iter(self._serve([each for each in chunks if isinstance(each, DecodeRequest)], now_s))
        return [next(served) if isinstance(each, DecodeRequest) else each for each in chunks]

    def _write_history(
        self, chunks: Sequence[DecodeRequest | DuplexSLAError], answers: Sequence[Answer]
    ) -> None:
        for chunk, answer in zip(chunks, answers, strict=True):
            if not isinstance(chunk, DecodeRequest):
                continue
            if isinstance(answer, StepOutput):
                digest = events.digest_of(answer.anchor, answer.codes, answer.action)
                row = events.step_accepted(chunk.session, chunk.chunk, placement=chunk.fence, digest=digest)
                self._history.write(row)
            elif isinstance(answer, StaleFence):
                newest = self._decoder.fence_of(chunk.session)
                row = events.step_refused(chunk.session, chunk.chunk, placement=chunk.fence, newest=newest)
                self._history.write(row)

    def _serve(self, chunks: Sequence[DecodeRequest], now_s: float) -> list[Answer]:
        """One tick; more when a session is in it more than once, as when it starts anew."""
        answers: list[Answer] = []
        for tick in _ticks(chunks):
            try:
                answers += self._decoder.serve(tick, now_s)
            except Exception as error:  # outermost frame: these sessions are lost, the decoder goes on
                pb_utils.Logger.log_error(f"tick of {len(tick)} sessions failed: {error!r}")
                self._decoder.close([chunk.session for chunk in tick])
                answers += [DuplexSLAError(repr(error))] * len(tick)
        return answers


def _rows(request: Any) -> list[Row]:
    audio, raw = (
        pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in ("AUDIO", "REQUEST")
    )
    return [(samples, _read(row)) for samples, row in zip(audio, raw[:, 0], strict=True)]


def _read(raw: bytes) -> ChunkRequest | DuplexSLAError:
    try:
        return read_request(raw)
    except DuplexSLAError as error:
        return error


def _chunk(
    samples: Samples, request: ChunkRequest | DuplexSLAError, *, model: str
) -> DecodeRequest | DuplexSLAError:
    if isinstance(request, DuplexSLAError):
        return request
    try:
        return to_engine(request, samples, model=model)
    except DuplexSLAError as error:
        return error


def _ticks(chunks: Sequence[DecodeRequest]) -> Iterator[list[DecodeRequest]]:
    """The same in the same order, cut before each session that was there already."""
    tick: list[DecodeRequest] = []
    for chunk in chunks:
        if any(chunk.session == each.session for each in tick):
            yield tick
            tick = []
        tick.append(chunk)
    if tick:
        yield tick


def _response(answers: Sequence[Answer], tick: TickReport, calibration: Calibration | None) -> Any:
    sound = [answer.samples if isinstance(answer, StepOutput) else SILENCE for answer in answers]
    raw = [[to_wire(answer, tick, calibration)] for answer in answers]
    return pb_utils.InferenceResponse(
        [
            pb_utils.Tensor("SOUND", np.stack(sound)),
            pb_utils.Tensor("RESPONSE", np.array(raw, dtype=object)),
        ]
    )


def _trace(
    telemetry: Telemetry,
    request: ChunkRequest | DuplexSLAError,
    answer: Answer,
    *,
    started_ns: int,
    tick: TickReport,
) -> SpanContext | None:
    """One span per row, as long as the tick, below the gateway's step; none for a step without one."""
    if isinstance(request, DuplexSLAError) or not request.traceparent or not telemetry.recording:
        return None
    parent = extract(request.traceparent)
    if parent is None:
        return None
    context = telemetry.child(parent)
    telemetry.record(
        names.SPAN_DECODER_STEP,
        context,
        parent=parent,
        start_ns=started_ns,
        end_ns=started_ns + tick.duration_us * 1000,
        error=answer if isinstance(answer, DuplexSLAError) else None,
        attributes={
            names.ATTR_SESSION: f"{request.session_id:016x}",
            names.ATTR_CHUNK: request.chunk,
            names.ATTR_BATCH: tick.batch,
            names.ATTR_TICK_MS: tick.duration_us / 1000,
        },
    )
    return context
