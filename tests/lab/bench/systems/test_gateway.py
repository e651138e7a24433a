"""A real gateway and client on a real socket, with a decoder that is told what to say."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from tests.support.bench_cases import QUIET, normal
from tests.support.fake_decoder import FakeDecoder, Held, Reply
from tests.support.gateway_process import World, until, world

from duplexsla.errors import Retriable, UnknownHome
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla_lab.bench.case import CaseTurn
from duplexsla_lab.bench.conversation import PlaySettings, converse
from duplexsla_lab.bench.event_log import LoggedCall
from duplexsla_lab.bench.results import ResultsFile, RunHeader
from duplexsla_lab.bench.runner import Runner
from duplexsla_lab.bench.systems.gateway import GatewaySystem
from duplexsla_lab.bench.systems.reference import SILENCE, TONE

CALL = (tokens.TOOLCALL_BEGIN, call_text("open_home_device", {"device": "light"}), tokens.TOOLCALL_END)


def scripted(held: Held, chunk: int) -> Reply:
    """Speech in chunk 1, a label in chunk 2, a call over chunks 3 and 4; what it hears otherwise is lost."""
    sound = TONE.tobytes() if chunk == 1 else bytes(5_120)
    pieces = {0: (" turn", " on"), 2: (tokens.INTERRUPT,), 3: CALL[:2], 4: CALL[2:]}
    return Reply(
        sound=sound, anchor=" yes" if chunk == 1 else tokens.VAD_SILENCE, pieces=pieces.get(chunk, ())
    )


@contextmanager
def serving(decoder: FakeDecoder) -> Iterator[World]:
    """A gateway in a thread of its own: the system under test is not asynchronous."""
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    here: list[World] = []

    async def live() -> None:
        async with world(decoder) as each:
            here.append(each)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),), daemon=True)
    thread.start()
    assert ready.wait(timeout=30)
    try:
        yield here[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(timeout=30)
        loop.close()


@pytest.mark.parametrize("paced", [False, True])
def test_what_the_service_says_comes_out_chunk_by_chunk(paced: bool) -> None:
    with serving(FakeDecoder(scripted)) as here:
        system = GatewaySystem(here.address, home="h1", paced=paced)
        system.reset("home")
        outputs = [system.step(SILENCE) for _ in range(6)]
        system.close()
    assert [bool(output.sound.any()) for output in outputs] == [False, True, False, False, False, False]
    assert np.array_equal(outputs[1].sound, TONE) and outputs[1].said == " yes"
    assert outputs[0].transcript == " turn on" and outputs[2].labels == ("interrupt",)
    assert outputs[4].calls == (LoggedCall("open_home_device", {"device": "light"}, 3, 4),)


def test_a_history_is_played_and_chunks_count_from_its_end() -> None:
    with serving(FakeDecoder(scripted)) as here:
        system = GatewaySystem(here.address, home="h1")
        system.reset("home")
        system.prefill([CaseTurn("hello", "hi", np.tile(SILENCE, 2))])
        calls = [call for _ in range(4) for call in system.step(SILENCE).calls]
        system.close()
    assert calls == [LoggedCall("open_home_device", {"device": "light"}, 1, 2)]


def test_a_case_is_played_and_the_session_ends() -> None:
    with serving(FakeDecoder(scripted)) as here:
        system = GatewaySystem(here.address, home="h1")
        for _ in range(2):
            result = converse(normal(), system, PlaySettings(tail_s=0.32), QUIET)
            assert result.log.labels == [(2, "interrupt")] and result.log.speech[:3] == [False, True, False]
            assert len(result.log.calls) == 1


def test_a_refused_conversation_raises_the_reason() -> None:
    with serving(FakeDecoder(scripted)) as here, pytest.raises(UnknownHome):
        GatewaySystem(here.address, home="no-such").reset("home")


def test_no_service_is_retriable_and_the_system_can_be_closed() -> None:
    system = GatewaySystem("127.0.0.1:1", home="h1")
    with pytest.raises(Retriable):
        system.reset("home")
    system.close()


def test_a_service_that_hangs_fails_the_case_and_gets_its_slot_back(tmp_path: Path) -> None:
    decoder = FakeDecoder(scripted)
    decoder.hang.set()
    with serving(decoder) as here:
        system = GatewaySystem(here.address, home="h1")
        runner = Runner(lambda: system, PlaySettings(tail_s=0.0), now=time.monotonic, deadline_s=0.3)
        with ResultsFile(tmp_path / "r.jsonl", RunHeader("gateway", False, "")) as file:
            (result,) = runner.run([normal()], file)
        assert result.failed == "step 0: no answer within 0.3 s"
        asyncio.run(until(lambda: not here.gateway.counts.live))
