"""One connection to an MQTT 5 broker. When it has ended it stays so: nothing is sent again by a later one.

paho's network thread hands everything over to the event loop.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from duplexsla.errors import DuplexSLAError
from duplexsla.executor.backends.outcomes import CallFinding, failure

KEEPALIVE_S = 10
PORTS = {"mqtt": 1883, "mqtts": 8883}
QUIET = 0x10  # of an acknowledgement: nobody has subscribed
REFUSED = 0x80  # and above
LOGIN_REFUSED = (0x86, 0x87)  # bad user name or password, not authorized
MAX_MESSAGE = 1 << 18  # bytes

Told = Callable[[str, bytes, bool, bytes], None]  # topic, payload, retained, correlation data


class BrokerConnection:
    """Used on one event loop. `told` gets every message."""

    def __init__(self, client: Client, told: Told) -> None:
        self._client, self._told = client, told
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._opened: asyncio.Future[Any] = self._loop.create_future()
        self._acknowledged: dict[int, asyncio.Future[int]] = {}
        client.on_connect = lambda c, u, f, reason, p: self._hand_over(self._on_connect, reason.value)
        client.on_disconnect = lambda c, u, f, reason, p: self._hand_over(self._on_end)
        client.on_publish = lambda c, u, mid, reason, p: self._hand_over(self._on_answer, mid, reason.value)
        client.on_subscribe = lambda c, u, mid, reasons, p: self._hand_over(
            self._on_answer, mid, max(each.value for each in reasons)
        )
        client.on_socket_open = lambda c, u, opened: _at_once(opened)
        client.on_message = lambda c, u, message: self._hand_over(self._on_message, message)

    @classmethod
    async def open(
        cls, url: str, told: Told, *, user: str = "", password: str = "", timeout_s: float
    ) -> "BrokerConnection":
        """Connects. Raises DeviceUnavailable, HubTokenRefused. Cancelling is safe."""
        parts = urlsplit(url)
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5, reconnect_on_failure=False)
        if user:
            client.username_pw_set(user, password)
        if parts.scheme == "mqtts":
            client.tls_set()
        connection = cls(client, told)
        properties = Properties(PacketTypes.CONNECT)
        properties.MaximumPacketSize = MAX_MESSAGE
        try:
            async with asyncio.timeout(timeout_s):
                port = parts.port or PORTS[parts.scheme]
                await asyncio.to_thread(
                    client.connect, parts.hostname or "", port, KEEPALIVE_S, properties=properties
                )
                client.loop_start()
                await connection._opened
        except DuplexSLAError:
            await connection.close()
            raise
        except (OSError, ValueError) as error:
            await connection.close()
            raise failure(CallFinding.NEVER_SENT, f"the broker does not answer: {error}") from error
        return connection

    async def run(self) -> None:
        await self._ended.wait()

    async def close(self) -> None:
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        self._on_end()

    async def subscribe(self, topics: list[str], *, timeout_s: float) -> None:
        """Raises DeviceUnavailable where the broker does not let us."""
        for start in range(0, len(topics), 64):
            some = [(topic, 1) for topic in topics[start : start + 64]]
            code, mid = self._client.subscribe(some)
            if code or mid is None or await self._answer(mid, timeout_s) >= REFUSED:
                raise failure(CallFinding.NEVER_SENT, "the broker does not let us subscribe")

    async def publish(
        self,
        topic: str,
        payload: str,
        *,
        timeout_s: float,
        expires_s: int = 0,
        correlation: bytes = b"",
        response_topic: str = "",
        users: Mapping[str, str] | None = None,
    ) -> None:
        """With QoS 1, never retained. Returns when the broker has handed it to somebody.

        Raises DeviceUnavailable when it was not sent, or nobody has subscribed; DeviceRefused when the broker
        does not take it; AnswerLost. One that is cancelled may have been sent.
        """
        properties = Properties(PacketTypes.PUBLISH)
        if expires_s:
            properties.MessageExpiryInterval = expires_s
        if response_topic:
            properties.ResponseTopic, properties.CorrelationData = response_topic, correlation
        if users:
            properties.UserProperty = list(users.items())
        if self._ended.is_set():
            raise failure(CallFinding.NEVER_SENT)
        sent = self._client.publish(topic, payload, qos=1, properties=properties)
        if sent.rc:
            raise failure(CallFinding.NEVER_SENT, f"paho: {sent.rc}")
        reason = await self._answer(sent.mid, timeout_s)
        if reason == QUIET:
            raise failure(CallFinding.NOBODY_LISTENS)
        if reason >= REFUSED:
            raise failure(CallFinding.NO_SUCH_DEVICE, f"the broker does not take it: reason {reason:#x}")

    async def _answer(self, mid: int, timeout_s: float) -> int:
        """The reason code of the broker's acknowledgement. Raises AnswerLost.

        Whoever sent it waits here before the loop can turn: no acknowledgement comes too early.
        """
        answer = self._acknowledged[mid] = self._loop.create_future()
        try:
            async with asyncio.timeout(timeout_s):
                reason: int = await answer
                return reason
        except TimeoutError as error:
            raise failure(CallFinding.NO_ANSWER, "the broker does not acknowledge") from error
        finally:
            self._acknowledged.pop(mid, None)

    def _hand_over(self, call: Callable[..., None], *arguments: Any) -> None:
        """From paho's thread; a loop that is over needs nothing."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)

    def _on_connect(self, reason: int) -> None:
        if self._opened.done():
            return
        if reason in LOGIN_REFUSED:
            self._opened.set_exception(failure(CallFinding.TOKEN_REFUSED))
        elif reason >= REFUSED:
            self._opened.set_exception(failure(CallFinding.NEVER_SENT, f"the broker refuses: {reason:#x}"))
        else:
            self._opened.set_result(None)

    def _on_end(self) -> None:
        self._ended.set()
        if not self._opened.done():
            self._opened.set_exception(failure(CallFinding.NEVER_SENT, "the broker hung up"))
            self._opened.exception()
        for answer in self._acknowledged.values():
            if not answer.done():
                answer.set_exception(failure(CallFinding.NO_ANSWER, "the broker went away"))

    def _on_answer(self, mid: int, reason: int) -> None:
        answer = self._acknowledged.get(mid)
        if answer is not None and not answer.done():
            answer.set_result(reason)

    def _on_message(self, message: Any) -> None:
        correlation = getattr(message.properties, "CorrelationData", b"") or b""
        self._told(message.topic, message.payload, message.retain, correlation)


def _at_once(opened: Any) -> None:
    """Small packets are not held back for an acknowledgement of the one before."""
    with suppress(OSError, AttributeError):
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
