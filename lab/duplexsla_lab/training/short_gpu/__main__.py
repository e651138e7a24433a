"""Trains on a bare machine with a GPU that is there for half an hour and reaches no package registry.

Here, where the synthesizers are:

    python -m duplexsla_lab.training.short_gpu pack --archive build/short_gpu/carry.tar.xz

There, with the repository, the archive, and a Python that has torch, numpy, safetensors and tqdm; each
command takes at most nine minutes and leaves its work on the machine for the next one:

    export PYTHONPATH=services:lab
    python -m duplexsla_lab.training.short_gpu data   --archive build/short_gpu/carry.tar.xz --minutes 8
    python -m duplexsla_lab.training.short_gpu train  --device cuda --minutes 8
    python -m duplexsla_lab.training.short_gpu send   --to OUT

Here again, with the files that came back in a folder:

    python -m duplexsla_lab.training.short_gpu receive --from FOLDER --to build/nano

`data` speaks scenarios on all cores until its time is over, then the assistant's sentences and their codes.
`train` gives a share of its time to stage 1 and the rest to stage 2, in bfloat16; it starts from the weights
that ship, or from random ones by --from-scratch. What comes back are float16 weights, the vocabulary and the
steps; optimizers start afresh. The same commands run on a CPU with --device cpu, slowly.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from duplexsla.engine.model_folder import CONFIG_FILE, MODEL_FILE, VOCABULARY_FILE
from duplexsla.errors import CheckpointError, DuplexSLAError
from duplexsla.runtime.checkout import MODEL
from duplexsla_lab.training.short_gpu import carry, parcels

PROGRAM = "duplexsla_lab.training.short_gpu"
WORK = Path("build/short_gpu")
UNPACKED = "DUPLEXSLA_LAB_CARRIED"  # set in a process that finds the synthesizers
SCENARIOS_UNTIL, REPLIES_UNTIL = 0.65, 0.92  # shares of the time for data; what is left is for codes
BASE_SHARE = 0.2  # of the time for training, for stage 1
HELD = 400  # scenarios of each held-out kind
MOST_SCENARIOS = 400_000
MOST_REPLIES = 24_000


def main(arguments: Sequence[str] | None = None) -> None:
    args = parse(arguments)
    args.run(args)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=WORK, help="folder of corpus, run and unpacked archive")
    commands = parser.add_subparsers(required=True)

    packing = commands.add_parser("pack", help="the synthesizers and wheels, as one archive")
    packing.add_argument("--archive", type=Path, default=WORK / "carry.tar.xz")
    packing.add_argument("--libraries", type=Path, default=Path("/usr/lib/x86_64-linux-gnu"))
    packing.add_argument("--python", default="3.12", help="version of Python there")
    packing.set_defaults(run=pack)

    making = commands.add_parser("data", help="a corpus, by all cores, until the time is over")
    making.add_argument("--archive", type=Path, help="what pack wrote; none where synthesizers are installed")
    making.add_argument("--minutes", type=float, default=8.0)
    making.add_argument("--workers", type=int, default=os.cpu_count())
    making.add_argument("--held", type=int, default=HELD, help="scenarios of each held-out kind")
    making.add_argument("--seed", type=int, default=1)
    making.add_argument("--home", type=int, choices=(1, 2), default=1, help="version of the home's toolset")
    making.add_argument("--codec", type=Path, default=MODEL)
    making.set_defaults(run=data)

    training = commands.add_parser("train", help="both stages, until the time is over")
    training.add_argument("--device", default="cuda")
    training.add_argument("--minutes", type=float, default=8.0)
    training.add_argument("--batch", type=int, default=96, help="sessions per step, on the average")
    training.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 2))
    training.add_argument("--held", type=int, default=24, help="sessions of each family that are watched")
    training.add_argument("--from-scratch", action="store_true", help="begin with random weights")
    training.add_argument("--codec", type=Path, default=MODEL)
    training.set_defaults(run=train)

    sending = commands.add_parser("send", help="weights, vocabulary and steps, in small files")
    sending.add_argument("--to", type=Path, required=True)
    sending.set_defaults(run=send)

    receiving = commands.add_parser("receive", help="joins what came back, and says how it was trained")
    receiving.add_argument("--from", dest="source", type=Path, required=True)
    receiving.add_argument("--to", type=Path, required=True)
    receiving.set_defaults(run=receive)
    return parser.parse_args(arguments)


def pack(args: argparse.Namespace) -> None:
    size = carry.pack(args.archive, libraries=args.libraries, python=args.python)
    print(f"{args.archive}: {size / 2**20:.1f} MiB")


def data(args: argparse.Namespace) -> None:
    if args.archive and UNPACKED not in os.environ:
        folder = args.work / "carried"
        carry.unpack(args.archive, folder)
        environ = {**carry.environment(folder.resolve(), os.environ), UNPACKED: str(folder)}
        # The loader reads LD_LIBRARY_PATH when a process starts.
        os.execve(sys.executable, [sys.executable, "-m", PROGRAM, *sys.argv[1:]], environ)
    from duplexsla_lab.data import corpus
    from duplexsla_lab.training.reply_codes import code_replies

    start_s, seconds, folder = time.monotonic(), 60 * args.minutes, args.work / "corpus"
    folder.mkdir(parents=True, exist_ok=True)
    plans_of = partial(corpus.plans_of, seed=args.seed, home=args.home)
    plans = [plan for kind in corpus.HELD_OUT_SPLITS for plan in plans_of(kind, args.held)]
    corpus.make(plans, folder, workers=args.workers, what="held out")
    plans = plans_of("train", MOST_SCENARIOS)
    until_s = start_s + SCENARIOS_UNTIL * seconds
    corpus.make(plans, folder, workers=args.workers, what="scenarios", until_s=until_s)
    until_s = start_s + REPLIES_UNTIL * seconds
    replies = corpus.reply_plans(folder, args.seed, MOST_REPLIES)
    corpus.make(replies, folder, workers=args.workers, what="replies", until_s=until_s)
    code_replies(folder, args.codec, workers=args.workers)
    contents = corpus.manifest(folder, args.seed, home=args.home)
    (folder / "manifest.json").write_text(json.dumps(contents, indent=1) + "\n", "utf-8")
    print(json.dumps({"hours": contents["hours"], "seconds": round(time.monotonic() - start_s, 1)}))


def train(args: argparse.Namespace) -> None:
    from duplexsla_lab.training.duplex import __main__ as duplex

    run, common = args.work / "nano", ["--corpus", str(args.work / "corpus"), "--codec", str(args.codec)]
    common += ["--device", args.device, "--batch", str(args.batch), "--workers", str(args.workers)]
    common += ["--held", str(args.held), "--out", str(run)]
    for stage, share in (("base", BASE_SHARE), ("post", 1 - BASE_SHARE)):
        given = [stage, *common, "--minutes", str(share * args.minutes)]
        if stage == "base" and not args.from_scratch:
            given += ["--transfer", str(MODEL)]
        done = duplex.run_stage(duplex.parse(given))
        done.save()
        (run / f"{stage}.steps").write_text(str(done.step), "utf-8")


def send(args: argparse.Namespace) -> None:
    run = args.work / "nano"
    try:
        corpus = json.loads((args.work / "corpus" / "manifest.json").read_text("utf-8"))
        steps = {stage: int((run / f"{stage}.steps").read_text("utf-8")) for stage in ("base", "post")}
    except OSError as error:
        raise CheckpointError(f"nothing to send yet ({error}): data and train come first") from error
    about = {
        "steps": steps,
        "hours": corpus["hours"],
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
    }
    parcels.send([run / name for name in (MODEL_FILE, VOCABULARY_FILE, CONFIG_FILE)], args.to, about)
    print(json.dumps(about))


def receive(args: argparse.Namespace) -> None:
    print(json.dumps(parcels.receive(args.source, args.to), indent=1))


if __name__ == "__main__":
    try:
        main()
    except DuplexSLAError as error:
        sys.exit(f"error: {error}")
