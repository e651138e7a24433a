"""A world small enough to decode thousands of chunks in seconds: random weights, real toolset, real codec."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.engine.engine import Engine, StepInput, StepOutput
from duplexsla.engine.model_folder import MODEL_FILE, VOCABULARY_FILE, write_config
from duplexsla.engine.native.library import KernelChoice
from duplexsla.model.backbone import NanoModel
from duplexsla.model.checkpoint import save_nano
from duplexsla.model.codec import Codec, CodecConfig
from duplexsla.model.codec_file import save_codec
from duplexsla.model.config import FrontEndKind, NanoConfig
from duplexsla.protocol import tokens
from duplexsla.protocol.tokens import Vocabulary, build_vocabulary
from duplexsla.tools import TOOLSETS

torch.set_num_threads(1)  # the tensors are too small to share
HOME = TOOLSETS["home"]
WINDOW = 13
# How strongly the random model leans to a piece: silent in most chunks, some calls, some empty chunks.
LEAN = {tokens.VAD_SILENCE: 1.7, tokens.ACTION_END: 1.7, tokens.TOOLCALL_BEGIN: 1.0}


@cache
def tiny_vocabulary() -> Vocabulary:
    texts = ["turn on the kitchen light and the living room fan please", "done 21 degrees"]
    return build_vocabulary(texts, 250, HOME.function_names, HOME.argument_names)


def tiny_model(
    vocabulary: Vocabulary,
    *,
    seed: int = 0,
    lean: Mapping[str, float] = LEAN,
    front_end: FrontEndKind = "mel",
) -> NanoModel:
    torch.manual_seed(seed)
    config = NanoConfig(
        vocab_size=len(vocabulary),
        width=32,
        num_layers=2,
        num_heads=4,
        num_kv_heads=2,
        head_width=16,
        ff_width=48,
        window=WINDOW,
        prompt_length=12,
        front_width=16,
        front_blocks=1,
        code_width=16,
        front_end=front_end,
    )
    model = NanoModel(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not parameter.any():
                parameter.normal_(std=0.3 if "head" in name else 0.1)
            elif "norm" in name:
                parameter.uniform_(0.5, 1.5)
        model.hear.weight *= 4.0
        _lean(model, vocabulary, lean)
    return model.half().float()  # as a checkpoint holds it


def _lean(model: NanoModel, vocabulary: Vocabulary, lean: Mapping[str, float]) -> None:
    """Gives every input a common direction, and the pieces' logits a share of it."""
    direction = F.normalize(torch.randn(model.config.width), dim=0)
    for common in (model.hear.bias, model.tokens.weight, model.codes_in.down.bias):
        common += 5.0 * direction
    head = model.text_head.weight
    head -= (head @ direction)[:, None] * direction
    for piece, amount in lean.items():
        head[vocabulary.id(piece)] += amount * direction


def tiny_codec() -> Codec:
    torch.manual_seed(1)
    sizes = {"decoder_token_width": 16, "decoder_token_blocks": 1}
    sizes |= {"decoder_frame_width": 16, "decoder_frame_blocks": 1}
    return Codec(CodecConfig(**sizes), silence_code=3_280).eval()


def tiny_engine(
    *,
    slots: int = 4,
    draft: bool = True,
    seed: int = 0,
    lean: Mapping[str, float] = LEAN,
    kernels: KernelChoice = "any",
) -> Engine:
    vocabulary = tiny_vocabulary()
    model = tiny_model(vocabulary, seed=seed, lean=lean)
    toolsets = {"home": HOME}
    return Engine(model, tiny_codec(), vocabulary, toolsets, slots=slots, draft=draft, kernels=kernels)


def save_tiny(folder: Path) -> Path:
    """The files that a decoder loads."""
    vocabulary = tiny_vocabulary()
    vocabulary.save(folder / VOCABULARY_FILE)
    write_config(folder, TOOLSETS)
    save_nano(tiny_model(vocabulary), vocabulary, folder / MODEL_FILE)
    save_codec(tiny_codec(), folder)
    return folder


def noise(seed: int, chunks: int) -> NDArray[np.int16]:
    """[chunks, 2560], as loud as speech, with stretches of silence."""
    rng = np.random.default_rng(seed)
    loud = rng.integers(-9_000, 9_000, (chunks, CHUNK_SAMPLES)).astype(np.int16)
    return loud * (rng.random(chunks) < 0.7).astype(np.int16)[:, None]


def run(engine: Engine, heard: Mapping[int, NDArray[np.int16]]) -> dict[int, list[StepOutput]]:
    """Steps all sessions of `heard` together, chunk by chunk; each must be open."""
    said: dict[int, list[StepOutput]] = {session: [] for session in heard}
    for chunk in range(min(map(len, heard.values()))):
        for output in engine.step([StepInput(session, heard[session][chunk]) for session in heard]):
            said[output.session].append(output)
    return said


def written(outputs: Sequence[StepOutput]) -> list[tuple[str, tuple[int, ...], list[str]]]:
    """The tokens of a session, without its sound."""
    return [(output.anchor, output.codes, output.action) for output in outputs]
