"""Makes topics where nobody else does: executor --make-topics, and the system on one machine."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from duplexsla.errors import BrokerLost
from duplexsla.protocol.topics import COMPACTED, PARTITIONS

BROKERS_DEFAULT = -1  # how many copies
BOOTSTRAP_MS = 120_000  # a broker that is only starting


def make_topics(
    servers: str,
    security: Mapping[str, Any] | None = None,
    *,
    topics: Mapping[str, int] = PARTITIONS,
    copies: int = BROKERS_DEFAULT,
) -> list[str]:
    """Makes the topics (name: partitions) that are not there; their names. Those that are there stay.

    Raises BrokerLost while no broker answers, or when it does not let us.
    """
    made = []
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=servers.split(","), bootstrap_timeout_ms=BOOTSTRAP_MS, **(security or {})
        )
        with closing(admin):
            for name, partitions in topics.items():
                try:
                    settings = {"cleanup.policy": "compact"} if name in COMPACTED else {}
                    admin.create_topics([NewTopic(name, partitions, copies, topic_configs=settings)])
                    made.append(name)
                except TopicAlreadyExistsError:
                    pass
    except (KafkaError, OSError) as error:
        raise BrokerLost(f"the topics cannot be made: {error}") from error
    return made
