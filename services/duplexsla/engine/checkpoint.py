"""An engine from the files of one folder."""

from pathlib import Path

from duplexsla.clock import ACTION_BUDGET
from duplexsla.engine.engine import Engine
from duplexsla.engine.model_folder import MODEL_FILE, VOCABULARY_FILE, read_model_folder
from duplexsla.engine.native.library import KernelChoice
from duplexsla.model.checkpoint import load_nano
from duplexsla.model.codec_file import load_codec
from duplexsla.protocol.tokens import Vocabulary


def load_engine(
    folder: Path,
    *,
    slots: int,
    budget: int = ACTION_BUDGET,
    draft: bool = True,
    kernels: KernelChoice = "any",
    device: str = "cpu",
) -> Engine:
    """Reads config.json, vocabulary.json, nano.safetensors and codec_decoder.safetensors.

    The grammar offers the functions of the toolsets that the weights were taught, in that version, whatever
    newer ones exist. Raises CheckpointError, and KernelsMissing as `load_kernels` does.
    """
    described = read_model_folder(folder)
    vocabulary = Vocabulary.load(folder / VOCABULARY_FILE)
    model = load_nano(folder / MODEL_FILE, vocabulary).to(device)
    codec, toolsets = load_codec(folder).to(device), described.toolsets
    return Engine(
        model, codec, vocabulary, toolsets, slots=slots, budget=budget, draft=draft, kernels=kernels
    )
