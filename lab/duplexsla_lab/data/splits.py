"""Which split something belongs to: by hash, never by order, so a new one never moves an old one."""

import hashlib
from collections.abc import Iterable, Mapping

from duplexsla_lab.data.home2.names import holds_held_out_name
from duplexsla_lab.data.language.carrier_phrases import BETWEEN
from duplexsla_lab.data.language.exchange import Value


def bucket(*parts: object, buckets: int = 100) -> int:
    """Stable hash bucket in 0..buckets-1."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big") % buckets


def held_out_combination(function: str | None, arguments: Mapping[str, Value]) -> bool:
    """One tenth of all combinations of two or more values are never trained on."""
    return len(arguments) >= 2 and bucket("combination", function, sorted(arguments.items())) < 10


def held_out_wording(phrasing: str) -> bool:
    """One intent template in 25 is never trained on, in any carrier phrase: its very words are new."""
    return bucket("wording", phrasing.split(BETWEEN)[-1]) < 4


def held_out_phrasing(phrasing: str) -> bool:
    """One phrasing in ten, and all of a held-out wording, are never trained on."""
    return held_out_wording(phrasing) or bucket("phrasing", phrasing) < 10


def split_of(
    phrasings: Iterable[str],
    calls: Iterable[tuple[str | None, Mapping[str, Value]]],
    said: Iterable[str] = (),
) -> str:
    """The text split of something made of several requests: "phrasings" or "combinations" if any part of it
    is held out so, else "train" (which the split "voices" shares). A held-out name is a combination."""
    if any(map(held_out_phrasing, phrasings)):
        return "phrasings"
    held = any(held_out_combination(*call) for call in calls) or any(map(holds_held_out_name, said))
    return "combinations" if held else "train"
