"""The Kafka topics of actions: their names, keys and partitions, once for all who meet on them.

Every record's key is its home, so that what happens to one home stays in order.
"""


def home_key(tenant: str, home: str) -> bytes:
    """Key of what concerns a home: "tenant/home", or the home alone where there is one tenant."""
    return f"{tenant}/{home}".encode() if tenant else home.encode()


ACTIONS_TOPIC = "duplexsla.actions.v1"  # ActionEvent, from gateways to executors
OUTCOMES_TOPIC = "duplexsla.outcomes.v1"  # ActionOutcome, from executors to gateways
DEAD_LETTERS_TOPIC = "duplexsla.actions.dead.v1"  # DeadLetter

PARTITIONS = {
    ACTIONS_TOPIC: 8,  # the most executors that share them
    OUTCOMES_TOPIC: 16,  # a gateway reads one of them: more gateways than these share
    DEAD_LETTERS_TOPIC: 1,
}
