"""Gateways that shed nothing, for tests of other things: on a busy machine steps are late."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def shedding_nothing() -> Iterator[None]:
    """Holds for the processes that are started inside; nobody else's environment changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUPLEXSLA_SHED", "0")
        yield
