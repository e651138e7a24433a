"""The Kafka topics of actions: their names, keys and partitions, once for all who meet on them.

Every record's key is its home, so that what happens to one home stays in order; that of a schedule is its
own, and it lies in the partition of its home.
"""


def home_key(tenant: str, home: str) -> bytes:
    """Key of what concerns a home: "tenant/home", or the home alone where there is one tenant."""
    return f"{tenant}/{home}".encode() if tenant else home.encode()


def home_name(tenant: str, home: str) -> str:
    """As home services and URLs call it: "tenant~home", or the home alone where there is one tenant."""
    return home_key(tenant, home).decode().replace("/", "~")


def schedule_key(tenant: str, home: str, schedule: str) -> bytes:
    return home_key(tenant, home) + b"/" + schedule.encode()


ACTIONS_TOPIC = "duplexsla.actions.v1"  # ActionEvent, from gateways to executors
OUTCOMES_TOPIC = "duplexsla.outcomes.v1"  # ActionOutcome, from executors to gateways
DEAD_LETTERS_TOPIC = "duplexsla.actions.dead.v1"  # DeadLetter
SCHEDULES_TOPIC = "duplexsla.schedules.v1"  # Schedule; its key has the schedule's id behind the home

PARTITIONS = {
    ACTIONS_TOPIC: 8,  # the most executors that share them
    OUTCOMES_TOPIC: 16,  # a gateway reads one of them: more gateways than these share
    DEAD_LETTERS_TOPIC: 1,
    SCHEDULES_TOPIC: 8,  # as many as actions: a home has the same number in both
}
COMPACTED = frozenset({SCHEDULES_TOPIC})  # the newest record of each key stays for good
