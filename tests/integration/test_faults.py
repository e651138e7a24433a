"""The fault suite in short: two of its rows, judged by what must hold on any machine, however busy."""

import asyncio
from pathlib import Path

import pytest
from tests.faults import decoders, gateways  # noqa: F401  (their rows)
from tests.faults.report import Result
from tests.faults.rows import ROWS, run
from tests.faults.site import Site, Size

pytestmark = pytest.mark.integration

SIZE = Size(decoders=2, gateways=2, executors=1)
OF_TIME = ("gap p", "back p")  # targets that a busy machine may miss


@pytest.mark.timeout(480)  # on a busy machine; on a quiet one it takes 50 s
def test_calls_and_actions_survive_the_death_of_a_decoder_and_of_a_gateway(tmp_path: Path) -> None:
    async def suite() -> list[Result]:
        async with Site(tmp_path, SIZE, say=lambda _: None) as site:
            rows = [ROWS[name] for name in ("decoder-killed", "gateway-killed")]
            return [await run(row, site, short=True) for row in rows]

    for result in asyncio.run(suite()):
        print(result)
        assert not result.failure and not result.findings
        assert not [missed for missed in result.missed if not missed.startswith(OF_TIME)]
        assert min(result.judged[name] for name in ("I1", "I4", "I5", "I7", "I9")) > 10
