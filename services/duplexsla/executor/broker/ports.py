"""The ports to Kafka: where action events come from, and where outcomes and dead letters go."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

GROUP = "duplexsla-executor"


class Partition(NamedTuple):
    topic: str
    number: int


@dataclass(frozen=True)
class BrokerRecord:
    """One record as it was read."""

    partition: Partition
    offset: int
    key: bytes
    value: bytes
    headers: Mapping[str, bytes] = field(default_factory=dict)


Offsets = Mapping[Partition, int]  # the offset of the next record to read


class Revoked(Protocol):
    """Asked, in the source's thread, when partitions go to another member of the group."""

    def __call__(self, partitions: Collection[Partition], *, lost: bool) -> Offsets:
        """What may be committed for them, once nothing of theirs is under way; `lost`: nothing may."""


class TableReader(Protocol):
    """Reads all of some partitions of a compacted topic; used by the source's thread."""

    def __call__(self, partitions: Collection[int]) -> Sequence[BrokerRecord]:
        """What lies in them until now, in order per partition; an empty value deletes. Raises BrokerLost."""


class EventSource(Protocol):
    """Records of the group's partitions that are ours; used by one thread. Methods may raise BrokerLost."""

    @property
    def joined(self) -> bool:
        """The group has given us our share, which may be nothing."""

    @property
    def assigned(self) -> Collection[Partition]:
        """Our share, of which `poll` returns records."""

    def poll(self, timeout_ms: int) -> Sequence[BrokerRecord]:
        """What has come, in order per partition; waits for something up to the timeout."""

    def commit(self, offsets: Offsets) -> None:
        """A later member starts from here. Does not wait; a lost commit is made up for by the next."""

    def pause(self) -> None:
        """From now on poll returns nothing, and the partitions stay ours."""

    def resume(self) -> None: ...

    def close(self) -> None:
        """Leaves the group, after `revoked` was asked once more."""


class OutcomeSink(Protocol):
    """Where records are written; used by one event loop."""

    async def write(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        headers: Mapping[str, bytes],
        *,
        partition: int | None = None,
    ) -> bool:
        """Returns when the brokers have it for good.

        None deletes the key in a compacted topic. The record lies in that partition, or by the key where none
        is given, or where the topic has no such one: then the answer is False. Raises BrokerLost. Cancelling
        it leaves open whether the brokers have it.
        """

    async def close(self) -> None: ...
