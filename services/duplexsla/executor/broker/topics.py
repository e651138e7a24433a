"""The topics that actions pass through, made where nobody else makes them: executor --make-topics."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from duplexsla.errors import BrokerLost
from duplexsla.executor.broker.ports import ACTIONS_TOPIC, DEAD_TOPIC, OUTCOMES_TOPIC

PARTITIONS = {
    ACTIONS_TOPIC: 8,
    OUTCOMES_TOPIC: 4,
    DEAD_TOPIC: 1,
}  # of actions: the most executors that share them
AS_THE_BROKER_SAYS = -1  # how many copies
BOOTSTRAP_MS = 120_000  # a broker that is only starting


def make_topics(servers: str, security: Mapping[str, Any]) -> list[str]:
    """Makes those that are not there; their names. Those that are there stay as they are.

    Raises BrokerLost while no broker answers, or when it does not let us.
    """
    made = []
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=servers.split(","), bootstrap_timeout_ms=BOOTSTRAP_MS, **security
        )
        with closing(admin):
            for name, partitions in PARTITIONS.items():
                try:
                    admin.create_topics([NewTopic(name, partitions, AS_THE_BROKER_SAYS)])
                    made.append(name)
                except TopicAlreadyExistsError:
                    pass
    except (KafkaError, OSError) as error:
        raise BrokerLost(f"the topics cannot be made: {error}") from error
    return made
