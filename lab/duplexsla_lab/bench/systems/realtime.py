"""An OpenAI-style realtime service over its WebSocket, in real time.

A chunk is sent when its last sample would have been spoken. What is played next after that is its answer, so
that the clock is the one of every other system, and a service is late by what it takes to answer.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from duplexsla.clock import CHUNK_S
from duplexsla.errors import MissingDependency, Retriable
from duplexsla.tools import TOOLSETS
from duplexsla_lab.bench.case import CaseTurn, Samples
from duplexsla_lab.bench.system_interface import Output
from duplexsla_lab.bench.systems.realtime_turns import RealtimeTurns

try:
    from websockets.exceptions import ConnectionClosed, WebSocketException
    from websockets.sync.client import ClientConnection, connect
except ImportError as error:
    raise MissingDependency("a realtime service needs a WebSocket: pip install websockets") from error

SEMANTIC = {"type": "semantic_vad", "eagerness": "high"}  # as in tables 6 and 7


class RealtimeSystem:
    """A conversation with the service at `url` (wss://host/v1/realtime?model=...)."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        turn_detection: Mapping[str, Any] = SEMANTIC,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url, self._headers = url, dict(headers or {})  # with an "Authorization", where it asks for one
        self._turn_detection, self._now = turn_detection, now
        self._resources = ExitStack()  # of the connection
        self._wire: ClientConnection | None = None

    def reset(self, toolset: str) -> None:
        self.close()
        try:
            self._wire = self._resources.enter_context(connect(self._url, additional_headers=self._headers))
        except (OSError, WebSocketException) as error:
            raise Retriable(f"{self._url} does not answer: {error}") from error
        self._turns = RealtimeTurns()
        self._send(self._turns.opening(TOOLSETS[toolset], turn_detection=self._turn_detection))
        self._due_s = 0.0

    def prefill(self, history: Sequence[CaseTurn]) -> None:
        for message in self._turns.history(history):
            self._send(message)

    def step(self, samples: Samples) -> Output:
        """Takes 160 ms: the conversation's time is the wall's, from its first step."""
        self._due_s = (self._due_s or self._now()) + CHUNK_S
        while (left_s := self._due_s - self._now()) > 0:
            self._receive(left_s)
        self._send(self._turns.append_audio(samples))
        return self._turns.play()

    def close(self) -> None:
        self._wire = None
        self._resources.close()

    def _receive(self, timeout_s: float) -> None:
        """Takes one event, if one comes in time."""
        assert self._wire is not None, "reset opens the conversation"
        with suppress(TimeoutError):
            try:
                text = self._wire.recv(timeout=timeout_s)
            except ConnectionClosed as error:
                raise Retriable(f"the service ended the conversation: {error}") from error
            for message in self._turns.take(json.loads(text)):
                self._send(message)

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._wire is not None, "reset opens the conversation"
        try:
            self._wire.send(json.dumps(message))
        except ConnectionClosed as error:
            raise Retriable(f"the service ended the conversation: {error}") from error
