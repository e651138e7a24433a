"""The local broker, with real clients."""

from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer

from duplexsla.local import kafka
from duplexsla.local.health import listens

pytestmark = pytest.mark.integration


def test_records_outlive_a_restart_and_topics_are_made_once(tmp_path: Path) -> None:
    first = kafka.start(tmp_path, topics={"letters": 3})
    with closing(KafkaProducer(bootstrap_servers=first.address)) as producer:
        producer.send("letters", b"a", partition=2).get(10)
    first.stop()
    second = kafka.start(tmp_path, topics={"letters": 3, "digits": 1})
    try:
        with closing(_reader(second.address)) as reader:
            assert reader.partitions_for_topic("letters") == {0, 1, 2}
            assert reader.partitions_for_topic("digits") == {0}
            assert [record.value for record in reader] == [b"a"]
    finally:
        second.stop()
    second.stop()  # a broker that was stopped may be stopped again
    assert not second.alive() and not listens(second.address)


def _reader(address: str) -> KafkaConsumer:
    return KafkaConsumer(
        "letters", bootstrap_servers=address, auto_offset_reset="earliest", consumer_timeout_ms=3_000
    )
