"""Where the processor time of a tick goes, by part of the engine, and what its products come to."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from duplexsla.engine.engine import Engine
from duplexsla.model.config import NanoConfig

PARTS = ("front end", "backbone", "head", "code head", "codec", "Python around")


class TickParts:
    """Processor seconds by part while `timing` is on."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PARTS, 0.0)

    @contextmanager
    def timing(self, engine: Engine) -> Iterator[None]:
        """Times the parts of this engine, and counts what lies between them as Python's."""
        backends = engine.backends
        timed = (
            (backends.frontend, "encode", "front end"),
            (backends.backbone, "advance", "backbone"),
            (backends.backbone, "choose", "head"),
            (backends.code_decoder, "decode_codes", "code head"),
            (backends.codec, "decode_chunk", "codec"),
        )
        for owner, method, part in timed:
            setattr(owner, method, self._timed(getattr(owner, method), part))
        inside, began = sum(self.seconds.values()), time.thread_time()
        try:
            yield
        finally:
            whole = time.thread_time() - began
            self.seconds["Python around"] += whole - (sum(self.seconds.values()) - inside)
            for owner, method, _ in timed:
                delattr(owner, method)

    def _timed(self, run: Callable[..., Any], part: str) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            began = time.thread_time()
            try:
                return run(*arguments)
            finally:
                self.seconds[part] += time.thread_time() - began

        return timed


def backbone_flops(config: NanoConfig) -> int:
    """Multiplications and additions of the matrix products of one position."""
    heads = (2 * config.num_heads + 2 * config.num_kv_heads) * config.head_width
    return 2 * config.num_layers * config.width * (heads + 3 * config.ff_width)


def head_flops(config: NanoConfig) -> int:
    """Of one choice of a token."""
    return 2 * config.width * config.vocab_size
