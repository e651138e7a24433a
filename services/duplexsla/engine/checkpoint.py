"""An engine from the files of one folder."""

from collections.abc import Mapping
from pathlib import Path

from duplexsla.clock import ACTION_BUDGET
from duplexsla.engine.engine import Engine
from duplexsla.model.checkpoint import load_nano
from duplexsla.model.codec_file import load_codec
from duplexsla.protocol.vocabulary import Vocabulary
from duplexsla.tools import TOOLSETS, Toolset

MODEL_FILE = "nano.safetensors"
VOCABULARY_FILE = "vocabulary.json"


def load_engine(
    folder: Path,
    *,
    slots: int,
    budget: int = ACTION_BUDGET,
    toolsets: Mapping[str, Toolset] = TOOLSETS,
    draft: bool = True,
    compiled: bool = True,
    device: str = "cpu",
) -> Engine:
    """Reads vocabulary.json, nano.safetensors and codec_decoder.safetensors. Raises CheckpointError."""
    vocabulary = Vocabulary.load(folder / VOCABULARY_FILE)
    model = load_nano(folder / MODEL_FILE, vocabulary).to(device)
    codec, speed = load_codec(folder).to(device), {"draft": draft, "compiled": compiled}
    return Engine(model, codec, vocabulary, toolsets, slots=slots, budget=budget, **speed)
