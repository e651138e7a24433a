"""Turns the spoken replies of a corpus into the codec's audio codes, on the 40 ms grid.

    python -m duplexsla.training.reply_codes --corpus build/corpus --codec build/codec/frozen

Writes replies-NNNN.codes.npz beside each shard (codes int16 [chunks, 4], with ends); made shards are kept.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from duplexsla.data.reply_grid import codes_of, on_grid
from duplexsla.data.requests import read_shard
from duplexsla.model.codec_file import load_codec


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, default=Path("build/corpus"))
    parser.add_argument(
        "--codec", type=Path, required=True, help="folder with the codec's encoder and decoder"
    )
    args = parser.parse_args()
    torch.set_num_threads(1)
    codec = load_codec(args.codec, with_encoder=True)
    for meta in tqdm(sorted(args.corpus.glob("replies-*.jsonl")), desc="reply codes", unit="shard"):
        path = meta.with_suffix(".codes.npz")
        if not path.exists():
            coded = [codes_of(codec, on_grid(row.waveform)).astype(np.int16) for row in read_shard(meta)]
            np.savez(path, codes=np.concatenate(coded), ends=np.cumsum([len(c) for c in coded]))


if __name__ == "__main__":
    main()
