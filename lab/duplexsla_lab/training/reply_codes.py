"""Turns the spoken replies of a corpus into the codec's audio codes, on the 40 ms grid.

    python -m duplexsla_lab.training.reply_codes --corpus build/corpus --codec build/codec/frozen

Writes replies-NNNN.codes.npz beside each shard (codes int16 [chunks, 4], with ends); made ones are kept.
"""

import argparse
import multiprocessing
from functools import partial
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from duplexsla.clock import SAMPLE_RATE
from duplexsla.model.codec import Codec
from duplexsla.model.codec_file import load_codec
from duplexsla_lab.data.pcm import PCM_SCALE
from duplexsla_lab.data.shards import Shard, Shards
from duplexsla_lab.data.timeline.reply_grid import LEAD_SAMPLES, codes_of, on_grid
from duplexsla_lab.data.timeline.training_session import Reply


def read_replies(folder: Path) -> dict[str, Reply]:
    """Spoken replies by text, of the shards that have codes; may be empty. Words are on the grid's clock."""
    replies, lead_s = {}, LEAD_SAMPLES / SAMPLE_RATE
    for shard in Shards(folder, "replies").shards:
        path = folder / f"{shard.name}.codes.npz"
        if not path.exists():
            continue
        with np.load(path) as coded:
            codes, ends = coded["codes"].astype(np.int64), coded["ends"]
        for i, (end, size) in enumerate(zip(ends, np.diff(ends, prepend=0), strict=True)):
            row = shard.row(i)
            words = [(start + lead_s, stop + lead_s, word) for start, stop, word in row["words"]]
            replies[row["reply"]] = Reply(words, codes[end - size : end], shard.samples(i))
    return replies


def write_codes(shard: Shard, codec: Codec, path: Path) -> None:
    """The codes of all replies of a shard, in their order."""
    sounds = (shard.samples(i).astype(np.float32) * PCM_SCALE for i in range(len(shard)))
    coded = [codes_of(codec, on_grid(sound)).astype(np.int16) for sound in sounds]
    partial = path.with_name(f"partial-{path.name}")
    np.savez(partial, codes=np.concatenate(coded), ends=np.cumsum([len(c) for c in coded]))
    partial.replace(path)


def code_shard(name: str, corpus: Path, codec: Path) -> None:
    """Writes the codes of one shard, for a process of its own; made ones are kept."""
    path = corpus / f"{name}.codes.npz"
    if not path.exists():
        torch.set_num_threads(1)
        write_codes(Shard(corpus, name), load_codec(codec, with_encoder=True), path)


def code_replies(corpus: Path, codec: Path, *, workers: int) -> None:
    """The codes of all replies of a corpus, shards side by side."""
    names = [shard.name for shard in Shards(corpus, "replies").shards]
    work = partial(code_shard, corpus=corpus, codec=codec)
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for _ in tqdm(pool.imap_unordered(work, names), total=len(names), desc="reply codes", unit="shard"):
            pass


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, default=Path("build/corpus"))
    parser.add_argument(
        "--codec", type=Path, required=True, help="folder with the codec's encoder and decoder"
    )
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    code_replies(args.corpus, args.codec, workers=args.workers)


if __name__ == "__main__":
    main()
