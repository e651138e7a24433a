"""Real servers, each started once per run and only when a test asks for it.

Tests share them: use homes, consumer groups and session ids of your own.
"""

from collections.abc import Iterator

import pytest
from tests.support.load_shedding import shedding_nothing
from tests.support.scripted_calls import ScriptedSite, scripted_site

from duplexsla.local import kafka as local_kafka
from duplexsla.local import redis as local_redis
from duplexsla.local import services, stack
from duplexsla.local.process import Process
from duplexsla.protocol.topics import PARTITIONS


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A Redis server: `redis.address` is host:port."""
    server = local_redis.start(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_url(redis: Process) -> str:
    return f"redis://{redis.address}/0"


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A Kafka broker with the project's topics: `kafka.address` is host:port."""
    broker = local_kafka.start(tmp_path_factory.mktemp("kafka"), topics=PARTITIONS)
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A home service: `homes.address` is host:port."""
    process = services.start_home(tmp_path_factory.mktemp("homes"))
    yield process
    process.stop()


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Process]]:
    """The whole system, by part: redis, kafka, triton, home, executor, gateway; `.address` is host:port."""
    directory = tmp_path_factory.mktemp("system")
    with shedding_nothing():
        processes = stack.up(directory, say=print)
    yield processes
    stack.down(directory, say=print)


@pytest.fixture(scope="session")
def scripted(
    redis: Process, kafka: Process, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ScriptedSite]:
    """Homes and a decoder that follows scripts; gateways and executors are started by tests."""
    with scripted_site(tmp_path_factory.mktemp("scripted"), redis, kafka) as site:
        yield site
