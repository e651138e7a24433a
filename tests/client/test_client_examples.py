"""The first example that a user reads, run as it stands against a gateway, on both clocks."""

import asyncio
import textwrap
from typing import Any

import pytest
from tests.support.gateway_process import World, world

import duplexsla.client
from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.v1.session_pb2 import NOTICE_KIND_AUDIO_GAP, ConverseResponse

SAMPLES = b"".join(bytes([1 + chunk, 0]) * CHUNK_SAMPLES for chunk in range(8))  # 1.28 s: more than waits


def example(address: str, clock: str) -> str:
    """The first block of the package's docstring, for this gateway; `print` is given."""
    block = (duplexsla.client.__doc__ or "").split("\n\n")[1]
    code = textwrap.dedent(block).replace("127.0.0.1:50051", address)
    return code if clock == "live" else code.replace('converse("my-home"', 'converse("my-home", clock="file"')


async def run(code: str, here: World) -> list[ConverseResponse]:
    responses: list[ConverseResponse] = []
    names: dict[str, Any] = {**vars(duplexsla.client), "asyncio": asyncio, "samples": SAMPLES}
    exec(f"async def main():\n{textwrap.indent(code, '    ')}", {**names, "print": responses.append}, names)
    await names["main"]()
    return responses


@pytest.mark.parametrize("clock", ["live", "file"])
def test_the_model_hears_every_sample_of_the_example(clock: str) -> None:
    async def main() -> None:
        async with world() as here:
            responses = await run(example(here.address, clock), here)
            [heard] = [bytes(held.audio) for held in here.decoder.ended.values()]
        assert responses[-1].closed.chunks == 8
        assert [each.chunk.index for each in responses if each.HasField("chunk")] == list(range(8))
        assert not any(each.notice.kind == NOTICE_KIND_AUDIO_GAP for each in responses)
        assert heard.startswith(SAMPLES)

    asyncio.run(main())
