"""One socket to a Home Assistant: logged in, questions with their answers, and what it was asked to tell.

An object is one connection: when it has ended it stays so.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.protocol import State

from duplexsla.errors import DuplexSLAError
from duplexsla.executor.backends.outcomes import CallFinding, failure

logger = logging.getLogger(__name__)

MAX_BYTES = 64 << 20  # of one message: all states of a large home
MAX_OPEN = 1_024  # questions without an answer
PING_S = 10.0
CLOSE_S = 1.0

# What an error of the hub means for a call that was sent. Any other: something went wrong on the way.
REFUSALS = {
    "not_found": CallFinding.NO_SUCH_DEVICE,
    "invalid_format": CallFinding.BAD_VALUE,
    "service_validation_error": CallFinding.BAD_VALUE,
    "not_supported": CallFinding.NO_SUCH_DEVICE,
    "unauthorized": CallFinding.NO_SUCH_DEVICE,
    "unknown_command": CallFinding.NO_SUCH_DEVICE,
}
Told = Callable[[Any], None]


class HubConnection:
    """Used on one event loop. `run` must run for as long as it is asked."""

    def __init__(self, socket: ClientConnection, version: str) -> None:
        self._socket, self.version = socket, version
        self._count = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._told: dict[int, Told] = {}

    @classmethod
    async def open(cls, url: str, token: str, *, timeout_s: float) -> "HubConnection":
        """Connects and logs in. Raises DeviceUnavailable, HubTokenRefused. Cancelling is safe."""
        try:
            async with asyncio.timeout(timeout_s):
                socket = await connect(
                    websocket_url(url),
                    max_size=MAX_BYTES,
                    proxy=None,
                    ping_interval=PING_S,
                    ping_timeout=PING_S,
                    close_timeout=CLOSE_S,
                )
                try:
                    return cls(socket, await _log_in(socket, token))
                except BaseException:
                    await socket.close()
                    raise
        except DuplexSLAError:
            raise
        except (OSError, WebSocketException, ValueError) as error:
            raise failure(
                CallFinding.NEVER_SENT, f"the hub does not answer: {type(error).__name__}"
            ) from error

    async def run(self) -> None:
        """Reads until the hub or `close` ends the connection; then open questions have lost their answers."""
        try:
            async for text in self._socket:
                self._read(text)
        except WebSocketException as error:
            logger.info("hub_connection_lost error=%s", type(error).__name__)
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(
                        failure(CallFinding.NO_ANSWER, "the hub went away before it answered")
                    )
                    answer.exception()  # whoever was cancelled does not fetch it
            self._answers.clear()

    async def ask(self, kind: str, *, timeout_s: float, told: Told | None = None, **fields: Any) -> Any:
        """The result of a command. With `told`, what comes for it later goes there.

        Raises DeviceUnavailable when it was not sent, AnswerLost when nobody knows, and what a refusal of the
        hub means. One that is cancelled may have been carried out.
        """
        if self._socket.state is not State.OPEN or len(self._answers) >= MAX_OPEN:
            raise failure(CallFinding.NEVER_SENT)
        self._count += 1
        number = self._count
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        if told is not None:
            self._told[number] = told
        try:
            async with asyncio.timeout(timeout_s):
                await self._socket.send(json.dumps({"id": number, "type": kind, **fields}))
                return _result(await answer)
        except (TimeoutError, WebSocketException) as error:
            raise failure(CallFinding.NO_ANSWER) from error
        finally:
            self._answers.pop(number, None)

    async def close(self) -> None:
        with suppress(WebSocketException, OSError):
            await self._socket.close()

    def _read(self, text: str | bytes) -> None:
        try:
            read = json.loads(text)
        except (ValueError, RecursionError):
            logger.warning("hub_message_unreadable")
            return
        for each in read if isinstance(read, list) else [read]:
            if isinstance(each, dict):
                self._route(each)

    def _route(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        if not isinstance(number, int):
            return
        if message.get("type") == "result":
            answer = self._answers.get(number)
            if answer is not None and not answer.done():
                answer.set_result(message)
        elif message.get("type") == "event" and number in self._told:
            self._told[number](message.get("event"))


def websocket_url(url: str) -> str:
    """Of http(s)://host:port; what is a WebSocket's already stays."""
    address = url.rstrip("/")
    if address.startswith("http"):
        address = "ws" + address.removeprefix("http")
    return address if address.endswith("/api/websocket") else f"{address}/api/websocket"


async def _log_in(socket: ClientConnection, token: str) -> str:
    """The hub's version."""
    asked = json.loads(await socket.recv())
    await socket.send(json.dumps({"type": "auth", "access_token": token}))
    answer = json.loads(await socket.recv())
    if not isinstance(answer, dict) or not isinstance(asked, dict):
        raise ValueError("no Home Assistant")
    if answer.get("type") == "auth_invalid":
        raise failure(CallFinding.TOKEN_REFUSED)
    if answer.get("type") != "auth_ok":
        raise ValueError("no Home Assistant")
    return str(answer.get("ha_version", ""))


def _result(message: dict[str, Any]) -> Any:
    if message.get("success") is True:
        return message.get("result")
    told = message.get("error")
    error = told if isinstance(told, dict) else {}
    finding = REFUSALS.get(str(error.get("code")), CallFinding.HUB_FAILED)
    raise failure(finding, f"the hub says: {str(error.get('message', error.get('code')))[:200]}")
