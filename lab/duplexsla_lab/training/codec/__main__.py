"""Teaches the codec its voice: make the corpus, train, evaluate, export.

Training has two halves. In the first, encoder and decoder learn together; then the encoder is frozen, so that
codes mean the same for ever, and the decoder learns alone. The language model's data can be encoded from that
moment on: `frozen.json` in the work folder says where the frozen codec is.

Under glibc, MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 in the environment makes a step about
20 % faster.

Example:
    python -m duplexsla_lab.training.codec corpus
    python -m duplexsla_lab.training.codec train
    python -m duplexsla_lab.training.codec judge
    python -m duplexsla_lab.training.codec export
"""

import argparse
import sys
from pathlib import Path

import torch

from duplexsla.errors import DuplexSLAError
from duplexsla.model.codec_file import load_codec, save_codec
from duplexsla_lab.data.codec_corpus import Corpus, held_out_sentences, make_corpus
from duplexsla_lab.training.codec.evaluation import evaluate
from duplexsla_lab.training.codec.run import Budget, CodecRun

WORK = Path("build/codec")
REPOSITORY = Path("model_repository/duplexsla/1")
_DECODER_LIMIT_BYTES = 8_000_000


def main() -> int:
    arguments = _parser().parse_args()
    torch.set_num_threads(1)
    try:
        arguments.run(arguments)
    except (DuplexSLAError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m duplexsla_lab.training.codec",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--work", type=Path, default=WORK, help="folder of corpus and checkpoints (%(default)s)"
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    corpus = commands.add_parser("corpus", help="speak the training sentences (3 min of one core)")
    corpus.add_argument("--hours", type=float, default=3.2, help="hours of speech (%(default)s)")
    corpus.add_argument("--seed", type=int, default=1)
    corpus.set_defaults(run=_corpus)
    train = commands.add_parser("train", help="train, or go on where it stopped")
    train.add_argument(
        "--joint-min", type=float, default=19.0, help="CPU minutes until the encoder freezes (%(default)s)"
    )
    train.add_argument(
        "--decoder-min", type=float, default=16.0, help="CPU minutes of the decoder after that (%(default)s)"
    )
    train.add_argument("--batch", type=int, default=16, help="crops of 2 s a step (%(default)s)")
    train.set_defaults(run=_train)
    evaluation = commands.add_parser(
        "judge", help="STOI and word error rate of the round trip, next to the original's"
    )
    evaluation.add_argument(
        "--sentences", type=int, default=60, help="held-out sentences of each kind (%(default)s)"
    )
    evaluation.add_argument(
        "--codec", type=Path, help="folder of the weights (the newest of the work folder)"
    )
    evaluation.add_argument("--save", type=Path, help="folder for a few WAV files to listen to")
    evaluation.set_defaults(run=_judge)
    export = commands.add_parser("export", help="copy the weights into the model repository")
    export.add_argument("--to", type=Path, default=REPOSITORY, help="(%(default)s)")
    export.set_defaults(run=_export)
    return parser


def _corpus(arguments: argparse.Namespace) -> None:
    arguments.work.mkdir(parents=True, exist_ok=True)
    corpus = make_corpus(hours=arguments.hours, seed=arguments.seed, held_out=held_out_sentences())
    path = arguments.work / f"corpus_{arguments.seed}.npz"
    corpus.save(path)
    print(f"{path}: {corpus.hours:.2f} h")


def _train(arguments: argparse.Namespace) -> None:
    corpus = Corpus.load_all(arguments.work)
    budget = Budget(joint_min=arguments.joint_min, decoder_min=arguments.decoder_min)
    CodecRun(corpus, arguments.work, budget, batch=arguments.batch).train()


def _judge(arguments: argparse.Namespace) -> None:
    codec = load_codec(arguments.codec or arguments.work / "latest", with_encoder=True)
    for line in evaluate(codec, sentences=arguments.sentences, save_to=arguments.save):
        print(line, flush=True)


def _export(arguments: argparse.Namespace) -> None:
    save_codec(load_codec(arguments.work / "latest", with_encoder=True), arguments.to)
    for path in sorted(arguments.to.glob("codec_*.safetensors")):
        print(f"{path}: {path.stat().st_size:,} bytes")
        if path.stat().st_size > _DECODER_LIMIT_BYTES:
            print(f"{path} is larger than {_DECODER_LIMIT_BYTES:,} bytes", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
