"""Triton's side of the decoder: rows of tensors in, one tick, rows of tensors out, errors as text."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
import triton_python_backend_utils as pb_utils
from decoder_drain import DecoderDrain
from metrics_page import DecoderMetrics
from opentelemetry.trace import SpanContext
from prefix_codec import read_past

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.engine.checkpoint import load_engine
from duplexsla.engine.engine import StepOutput
from duplexsla.engine.session_registry import Answer, ChunkRequest, SessionRegistry
from duplexsla.errors import DuplexSLAError, StaleFence
from duplexsla.history import NO_HISTORY, events, open_history
from duplexsla.runtime.control import ControlPages, ControlThread
from duplexsla.runtime.service_settings import DecoderParameters
from duplexsla.runtime.settings import MODEL_PARAMETERS, read
from duplexsla.telemetry import MetricsPage, Telemetry, extract, names, setup

SILENCE = np.zeros(CHUNK_SAMPLES, np.int16)

Numbers = tuple[int, int, int, int]


class TritonPythonModel:
    def initialize(self, args: dict[str, str]) -> None:
        given = json.loads(args["model_config"])["parameters"]
        texts = {key: value["string_value"] for key, value in given.items()}
        settings = read(DecoderParameters, texts, MODEL_PARAMETERS)
        torch.set_num_threads(settings.threads)
        folder = Path(args["model_repository"]) / args["model_version"]
        engine = load_engine(folder, slots=settings.slots)
        self._decoder = SessionRegistry(engine, idle_s=settings.idle_s)
        self._alone = threading.Lock()  # who holds it may use the decoder
        self._history = open_history(settings.history, "decoder")
        self._telemetry = setup(
            "duplexsla-decoder",
            otlp_endpoint=settings.otlp,
            trace_file=settings.trace_file,
            policy=settings.trace_policy,
        )
        self._metrics = DecoderMetrics(self._decoder, self._telemetry)
        drain, page = DecoderDrain(self._decoder, self._alone), MetricsPage(self._metrics.samples)
        self._control = ControlThread(ControlPages(self._report, drain, page), settings.control)

    def _report(self) -> tuple[bool, dict[str, int]]:
        return True, {"sessions": self._decoder.num_live}

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        with self._alone:
            return self._execute(requests)

    def _execute(self, requests: Sequence[Any]) -> list[Any]:
        started_ns, started = time.time_ns(), time.monotonic()
        rows = [_rows(request) for request in requests]
        given = [row for each in rows for row in each]
        chunks = [_chunk(*row) for row in given]
        expired = self._decoder.expire(started)
        answers = self._answers(chunks, started)
        tick_s = time.monotonic() - started
        if self._history is not NO_HISTORY:
            self._write_down(chunks, answers)
        step = (len(chunks), int(tick_s * 1e6), self._decoder.num_free, int(self._decoder.draining))
        spans = [
            _trace(self._telemetry, row, answer, started_ns=started_ns, step=step)
            for row, answer in zip(given, answers, strict=True)
        ]
        traced = next((span for span in spans if span is not None), None)
        self._metrics.tick(answers, tick_s=tick_s, expired=len(expired), span=traced)
        rest = iter(answers)
        return [_response(list(islice(rest, len(each))), step) for each in rows]

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

    def _serve(self, chunks: Sequence[ChunkRequest], now_s: float) -> list[Answer]:
        """One tick; more when a session is in it more than once, as when it starts anew."""
        answers: list[Answer] = []
        for tick in _ticks(chunks):
            try:
                answers += self._decoder.serve(tick, now_s)
            except Exception as error:  # outermost frame: these sessions are lost, the decoder goes on
                pb_utils.Logger.log_error(f"tick of {len(tick)} sessions failed: {error!r}")
                self._decoder.lose([chunk.session for chunk in tick])
                answers += [DuplexSLAError(repr(error))] * len(tick)
        return answers


Given = tuple[np.ndarray, list[int], list[bytes]]  # a row of AUDIO, TURN and GIVEN


def _rows(request: Any) -> list[Given]:
    tensors = (
        pb_utils.get_input_tensor_by_name(request, name).as_numpy() for name in ("AUDIO", "TURN", "GIVEN")
    )
    audio, turns, given = tensors
    return list(zip(audio, turns.tolist(), given.tolist(), strict=True))


def _chunk(audio: np.ndarray, turn: list[int], given: list[bytes]) -> ChunkRequest | DuplexSLAError:
    session, chunk, fence, last = turn
    forced, _, toolset, past = given
    try:
        lived = read_past(past) if toolset else None
    except DuplexSLAError as error:
        return error
    return ChunkRequest(
        session=session,
        chunk=chunk,
        fence=fence,
        samples=audio,
        forced=forced.decode(errors="replace"),
        start=bool(toolset),
        end=bool(last),
        toolset=toolset.decode(errors="replace"),
        past=lived,
    )


def _ticks(chunks: Sequence[ChunkRequest]) -> Iterator[list[ChunkRequest]]:
    """The same in the same order, cut before each session that was there already."""
    tick: list[ChunkRequest] = []
    for chunk in chunks:
        if any(chunk.session == each.session for each in tick):
            yield tick
            tick = []
        tick.append(chunk)
    if tick:
        yield tick


def _response(answers: Sequence[Answer], step: Numbers) -> Any:
    texts = [_texts(answer) for answer in answers]
    width = max(map(len, texts))
    outputs = [answer if isinstance(answer, StepOutput) else None for answer in answers]
    return pb_utils.InferenceResponse(
        [
            pb_utils.Tensor("SOUND", np.stack([o.samples if o else SILENCE for o in outputs])),
            pb_utils.Tensor("CODES", np.array([o.codes if o else (0,) * 4 for o in outputs], np.int32)),
            pb_utils.Tensor("STEP", np.array([_numbers(o, step) for o in outputs], np.uint32)),
            pb_utils.Tensor(
                "WRITTEN", np.array([row + [b""] * (width - len(row)) for row in texts], dtype=object)
            ),
        ]
    )


def _texts(answer: Answer) -> list[bytes]:
    if isinstance(answer, DuplexSLAError):
        return [f"{answer.code}: {answer}".encode(), b"", b"", b""]
    return [text.encode() for text in ("", answer.anchor, answer.pending_forced, *answer.action)]


def _numbers(output: StepOutput | None, step: Numbers) -> tuple[int, ...]:
    if output is None:
        return (0, *step, 0, 0)
    return (output.silent, *step, output.forced_tokens, output.waited_chunks)


def _trace(
    telemetry: Telemetry, row: Given, answer: Answer, *, started_ns: int, step: Numbers
) -> SpanContext | None:
    """One span per row, as long as the tick, below the gateway's step; none for a step without one."""
    _, (session, chunk, *_), (_, traceparent, *_) = row
    parent = extract(traceparent) if traceparent and telemetry.recording else None
    if parent is None:
        return None
    batch, tick_us, *_ = step
    context = telemetry.child(parent)
    telemetry.record(
        names.SPAN_DECODER_STEP,
        context,
        parent=parent,
        start_ns=started_ns,
        end_ns=started_ns + tick_us * 1000,
        error=answer if isinstance(answer, DuplexSLAError) else None,
        attributes={
            names.ATTR_SESSION: f"{session:016x}",
            names.ATTR_CHUNK: chunk,
            names.ATTR_BATCH: batch,
            names.ATTR_TICK_MS: tick_us / 1000,
        },
    )
    return context
