import asyncio
import time

from duplexsla.gateway.call.wakeup import Wakeup


def test_a_ring_before_the_wait_is_not_lost() -> None:
    async def scenario() -> None:
        bell = Wakeup()
        bell.ring()
        bell.ring()
        await bell.wait()
        waiting = asyncio.create_task(bell.wait())
        await asyncio.sleep(0)
        assert not waiting.done()  # two rings were one
        bell.ring()
        await waiting

    asyncio.run(scenario())


def test_a_wait_ends_at_its_deadline() -> None:
    async def scenario() -> None:
        until = time.monotonic() + 0.01
        await Wakeup().wait(until)
        assert time.monotonic() >= until
        await Wakeup().wait(time.monotonic() - 5)

    asyncio.run(scenario())


def test_cancelling_a_wait_leaves_the_bell_whole() -> None:
    async def scenario() -> None:
        bell = Wakeup()
        waiting = asyncio.create_task(bell.wait(time.monotonic() + 60))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        assert waiting.cancelled()
        bell.ring()
        await bell.wait()

    asyncio.run(scenario())
