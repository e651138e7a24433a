"""Turns the spoken replies of a corpus into the codec's audio codes, on the 40 ms grid.

    python -m duplexsla.training.reply_codes --corpus build/corpus --codec build/codec/frozen

Writes replies-NNNN.codes.npz beside each shard (codes int16 [chunks, 4], with ends); made shards are kept.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from duplexsla.clock import CHUNK_SAMPLES, TOKENS_PER_CHUNK
from duplexsla.data.requests import read_shard
from duplexsla.data.user_speech import LOUDNESS
from duplexsla.model.codec import Codec
from duplexsla.model.codec_file import load_codec

CODEC_LOUDNESS = 0.1  # rms of the voice that the codec was trained on
LEAD_SAMPLES = 320  # 20 ms of silence before the first phone


def encode_reply(codec: Codec, samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Codes [n, 4] of one reply [N], padded to whole chunks."""
    chunks = -(-(len(samples) + LEAD_SAMPLES) // CHUNK_SAMPLES)
    padded = np.zeros(chunks * CHUNK_SAMPLES, np.float32)
    padded[LEAD_SAMPLES : LEAD_SAMPLES + len(samples)] = samples * (CODEC_LOUDNESS / LOUDNESS)
    codes = codec.encode(torch.from_numpy(padded)[None])[0]
    return codes.numpy().astype(np.int16).reshape(chunks, TOKENS_PER_CHUNK)


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
            coded = [encode_reply(codec, row.waveform) for row in read_shard(meta)]
            np.savez(path, codes=np.concatenate(coded), ends=np.cumsum([len(c) for c in coded]))


if __name__ == "__main__":
    main()
