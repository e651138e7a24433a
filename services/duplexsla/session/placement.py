"""Which decoder takes a new session."""

from collections.abc import Iterable
from typing import NamedTuple


class Decoder(NamedTuple):
    address: str  # host:port
    slots: int
    held: int = 0  # slots held by living sessions

    @property
    def free(self) -> int:
        return self.slots - self.held


def preference(decoders: Iterable[Decoder]) -> list[Decoder]:
    """Decoders with a free slot, the emptiest first (a smaller batch answers sooner); equal ones by
    address.
    """
    return sorted((d for d in decoders if d.free > 0), key=lambda d: (-d.free, d.address))
