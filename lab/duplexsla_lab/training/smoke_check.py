"""Proves that a run learned and that its weights load: `make train` ends with it.

Example: python -m duplexsla_lab.training.smoke_check build/tiny/nano
"""

import argparse
import json
from pathlib import Path

import numpy as np

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.engine.engine import Engine, StepInput
from duplexsla.errors import CheckpointError
from duplexsla.model.checkpoint import load_nano
from duplexsla.model.codec_file import load_codec
from duplexsla.protocol.tokens import Vocabulary
from duplexsla.tools import TOOLSETS
from duplexsla_lab.training.loss_curves import rows_of

CHUNKS = 5


def fallen(folder: Path, stage: str) -> tuple[float, float]:
    """The first and the last reported text loss of a stage: every batch has text, not every one has codes.

    Raises CheckpointError if it did not fall.
    """
    rows = rows_of(folder / f"{stage}.jsonl")
    first, last = rows[0]["text"], rows[-1]["text"]
    if not last < first:
        raise CheckpointError(f"the loss of {stage} did not fall: {first} at first, {last} at last")
    return first, last


def decodes(folder: Path, codec: Path) -> int:
    """Loads the weights into an engine and decodes some chunks; returns how many tokens were written."""
    vocabulary = Vocabulary.load(folder / "vocabulary.json")
    model = load_nano(folder / "nano.safetensors", vocabulary)
    engine = Engine(model, load_codec(codec), vocabulary, TOOLSETS, slots=1)
    engine.open(1, "home")
    noise = np.random.default_rng(0).integers(-3_000, 3_000, (CHUNKS, CHUNK_SAMPLES), dtype=np.int16)
    return sum(len(engine.step([StepInput(1, samples)])[0].action) for samples in noise)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="run folder")
    parser.add_argument("--codec", type=Path, default=Path("model_repository/duplexsla/1"))
    args = parser.parse_args()
    losses = {stage: fallen(args.folder, stage) for stage in ("base", "post")}
    print(json.dumps({"text_loss": losses, "chunks": CHUNKS, "tokens": decodes(args.folder, args.codec)}))


if __name__ == "__main__":
    main()
