"""Which decoder takes a session."""

from collections.abc import Iterable
from typing import NamedTuple


class DecoderAddress(NamedTuple):
    address: str  # host:port
    slots: int
    held: int = 0  # slots held by living sessions

    @property
    def free(self) -> int:
        return self.slots - self.held


def preference(decoders: Iterable[DecoderAddress], *, first: str | None = None) -> list[DecoderAddress]:
    """Decoders with a free slot: `first` if it is one of them, then the emptiest (a smaller batch answers
    sooner); equal ones by address.
    """
    free = (each for each in decoders if each.free > 0)
    return sorted(free, key=lambda each: (each.address != first, -each.free, each.address))
