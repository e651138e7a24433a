"""The proxy passes bytes on whole and in order, and does what the weather says."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from tests.faults.proxy import MAX_WAITING, RESEND_MS, Proxy, Weather
from tests.faults.schedule import schedule


class Echo:
    """A target: sends back what it gets, and counts it."""

    def __init__(self) -> None:
        self.got = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                self.got += len(data)
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


class Way:
    def __init__(self, proxy: Proxy, echo: Echo) -> None:
        self.proxy, self.echo = proxy, echo

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = self.proxy.address.rpartition(":")
        return await asyncio.open_connection(host, int(port))


@asynccontextmanager
async def way() -> AsyncIterator[Way]:
    echo = Echo()
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Proxy(f"127.0.0.1:{port}") as proxy:
        yield Way(proxy, echo)


def run(test: Callable[[Way], Awaitable[None]]) -> None:
    async def main() -> None:
        async with way() as here, asyncio.timeout(20):
            await test(here)

    asyncio.run(main())


async def said(here: Way, data: bytes) -> bytes:
    reader, writer = await here.open()
    writer.write(data)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    "weather",
    [Weather(), Weather(delay_ms=5, jitter_ms=5), Weather(loss=0.01), Weather(bytes_per_s=50_000_000)],
    ids=["clear", "jitter", "loss", "narrow"],
)
def test_bytes_come_whole_and_in_order(weather: Weather) -> None:
    async def test(here: Way) -> None:
        here.proxy.up = weather
        data = bytes(range(256)) * 1_000
        assert await said(here, data) == data

    run(test)


def test_lateness_is_what_was_asked_for() -> None:
    dice = random.Random(1)
    late = [Weather(delay_ms=50, jitter_ms=50).lateness_ms(100, dice) for _ in range(2_000)]
    assert 0 <= min(late) < 5 and 95 < max(late) <= 100 and 47 < sum(late) / len(late) < 53
    lost = [Weather(loss=0.01).lateness_ms(100, dice) for _ in range(20_000)]
    assert set(lost) == {0.0, RESEND_MS}
    assert 0.005 < sum(each > 0 for each in lost) / len(lost) < 0.015
    assert Weather().lateness_ms(10**6, dice) == 0


def test_in_a_blackhole_nothing_passes_and_nobody_is_told() -> None:
    async def test(here: Way) -> None:
        reader, writer = await here.open()
        writer.write(b"before")
        assert await reader.readexactly(6) == b"before"
        here.proxy.blackhole()
        writer.write(b"during")
        late_reader, late_writer = await here.open()
        late_writer.write(b"new")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reader.read(1)
        assert here.echo.got == 6
        here.proxy.heal()
        assert await reader.readexactly(6) == b"during"
        assert await late_reader.readexactly(3) == b"new"
        for each in (writer, late_writer):
            each.close()

    run(test)


def test_who_reads_nothing_fills_a_bounded_buffer_only() -> None:
    async def test(here: Way) -> None:
        here.proxy.up.still = True
        _, writer = await here.open()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                while True:
                    writer.write(bytes(65_536))
                    await writer.drain()
        assert here.echo.got == 0
        here.proxy.heal()
        writer.close()

    run(test)
    assert MAX_WAITING < 1_000_000


def test_a_cut_resets_every_connection_and_new_ones_are_made() -> None:
    async def test(here: Way) -> None:
        reader, writer = await here.open()
        writer.write(b"x")
        await reader.readexactly(1)
        here.proxy.cut()
        with pytest.raises(ConnectionError):
            if not await reader.read(1):
                raise ConnectionError("closed")
        writer.close()
        assert await said(here, b"again") == b"again"
        assert here.proxy.connections == 2

    run(test)


def test_a_target_that_is_not_there_ends_the_connection() -> None:
    async def main() -> None:
        async with Proxy("127.0.0.1:1") as proxy, asyncio.timeout(5):
            host, _, port = proxy.address.rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            with suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()

    asyncio.run(main())


def test_a_schedule_is_that_of_its_seed() -> None:
    faults = ["a", "b", "c"]
    blows = schedule(7, faults, seconds=600)
    assert blows == schedule(7, faults, seconds=600) != schedule(8, faults, seconds=600)
    assert 24 <= len(blows) <= 36
    assert all(
        b.at_s > a.at_s + a.for_s and a.fault != b.fault for a, b in zip(blows, blows[1:], strict=False)
    )
    assert {blow.fault for blow in blows} == set(faults)
    assert all(0 <= blow.pick < 1 for blow in blows)
