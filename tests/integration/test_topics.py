"""The topics, made on a real broker."""

from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaConsumer

from duplexsla.errors import BrokerLost
from duplexsla.executor.broker.topics import make_topics
from duplexsla.local import kafka
from duplexsla.local.process import free_port, until
from duplexsla.protocol.topics import PARTITIONS

pytestmark = pytest.mark.integration


def test_topics_are_made_once_with_their_partitions(tmp_path: Path) -> None:
    broker = kafka.start(tmp_path)
    try:
        assert make_topics(broker.address) == list(PARTITIONS)
        assert make_topics(broker.address) == []
        with closing(KafkaConsumer(bootstrap_servers=broker.address)) as reader:

            def made() -> bool:
                found = {name: len(reader.partitions_for_topic(name) or ()) for name in PARTITIONS}
                return found == PARTITIONS

            assert until(made, 10.0)  # metadata of a topic lags its creation
    finally:
        broker.stop()


def test_without_a_broker_none_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duplexsla.executor.broker.topics.BOOTSTRAP_MS", 500)
    with pytest.raises(BrokerLost):
        make_topics(f"127.0.0.1:{free_port()}")
