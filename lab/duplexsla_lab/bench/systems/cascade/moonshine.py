"""Moonshine tiny (27 million parameters, English) on onnxruntime, one token after the other.

The weights lie in the package moonshine-voice 0.0.59; nothing of its code is loaded. https://arxiv.org/abs/2410.15608
"""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from duplexsla.errors import MissingDependency
from duplexsla_lab.bench.systems.cascade.word_trie import Tokenizer, read_pieces

INSTALL = "the cascade wants its recogniser: pip install 'duplexsla[bench]'"
BEGIN, END = 1, 2  # tokens
STRIDE = 384  # samples of one frame: masks count samples
LAYERS, HEADS, HEAD_WIDTH = 6, 8, 36
ENCODER, DECODER, PIECES = "encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"


def model_folder() -> Path:
    """Where moonshine-voice keeps its weights. Raises MissingDependency."""
    found = find_spec("moonshine_voice")
    for place in found.submodule_search_locations or () if found else ():
        folder = Path(place) / "assets" / "tiny-en"
        if all((folder / name).exists() for name in (ENCODER, DECODER, PIECES)):
            return folder
    raise MissingDependency(INSTALL)


class Moonshine:
    """One core. Several threads may use it at once."""

    def __init__(self, folder: Path) -> None:
        try:
            onnxruntime: Any = import_module("onnxruntime")
        except ImportError as error:
            raise MissingDependency(INSTALL) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._encoder = onnxruntime.InferenceSession(str(folder / ENCODER), options)
        self._decoder = onnxruntime.InferenceSession(str(folder / DECODER), options)
        self._outputs = [each.name for each in self._decoder.get_outputs()]
        self.tokenizer = Tokenizer(read_pieces((folder / PIECES).read_bytes()))

    def encode(self, samples: NDArray[np.float32]) -> "Recognition":
        """float32 [N] at 16 kHz, N at least 1,024."""
        mask = np.ones((1, len(samples)), np.int64)
        (sound,) = self._encoder.run(None, {"input_values": samples[None], "attention_mask": mask})
        return Recognition(self, sound)

    def decode(self, feed: dict[str, Any]) -> dict[str, NDArray[np.float32]]:
        return dict(zip(self._outputs, self._decoder.run(None, feed), strict=True))


class Recognition:
    """One recording, while hypotheses about it grow side by side, a token at a time."""

    def __init__(self, model: Moonshine, sound: NDArray[np.float32]) -> None:
        self._model, self._sound = model, sound
        width = (1, HEADS, 0, HEAD_WIDTH)
        self._self_cache = {
            _past(layer, "decoder", kind): np.zeros(width, np.float32) for layer, kind in _CACHES
        }
        self._cross_cache: dict[str, NDArray[np.float32]] = {}  # one row each

    def follow(self, parents: Sequence[int], tokens: Sequence[int]) -> NDArray[np.float32]:
        """Goes on with hypothesis i = the former hypothesis parents[i] and one token more.

        Returns log probabilities of the next token, float32 [hypotheses, tokens].
        """
        first = not self._cross_cache
        rows = len(tokens)
        length = self._sound.shape[1]
        feed = {
            "encoder_attention_mask": np.ones((rows, length * STRIDE), np.int64),
            "encoder_hidden_states": self._sound.repeat(rows, axis=0),
            "input_ids": np.array(tokens, np.int64)[:, None],
            "use_cache_branch": np.array([not first]),
            **{name: cache[list(parents)] for name, cache in self._self_cache.items()},
            **(self._nothing_yet(length) if first else self._repeated(rows)),
        }
        out = self._model.decode(feed)
        self._self_cache = {_past(*each): out[_present(*each)] for each in _kept("decoder")}
        if first:
            self._cross_cache = {_past(*each): out[_present(*each)][:1] for each in _kept("encoder")}
        return _log_softmax(out["logits"][:, -1])

    def _nothing_yet(self, length: int) -> dict[str, NDArray[np.float32]]:
        empty = np.zeros((1, HEADS, length, HEAD_WIDTH), np.float32)
        return {_past(*each): empty for each in _kept("encoder")}

    def _repeated(self, rows: int) -> dict[str, NDArray[np.float32]]:
        return {name: cache.repeat(rows, axis=0) for name, cache in self._cross_cache.items()}


_CACHES = [(layer, kind) for layer in range(LAYERS) for kind in ("key", "value")]


def _kept(side: str) -> list[tuple[int, str, str]]:
    return [(layer, side, kind) for layer, kind in _CACHES]


def _past(layer: int, side: str, kind: str) -> str:
    return f"past_key_values.{layer}.{side}.{kind}"


def _present(layer: int, side: str, kind: str) -> str:
    return f"present.{layer}.{side}.{kind}"


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    logits = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), np.float32)
