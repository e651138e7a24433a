"""Trains the nano model on a corpus, in the two stages of paper section 4.

    python -m duplexsla_lab.training.duplex base    # dialogue, both sides' ASR, text
    python -m duplexsla_lab.training.duplex post    # control and tool calls, from stage 1
    python -m duplexsla_lab.training.duplex adapt --transfer model_repository/duplexsla/1    # to other voices

What each stage is made of stands in training/duplex/mixture.py, what each target weighs in
data/timeline/positions.py. Needs a corpus (duplexsla_lab.data.corpus) and the codes of its replies
(duplexsla_lab.training.reply_codes). Every stage resumes to the step from OUT/STAGE.pt, is deterministic by
seed, and stops at a loss that is not finite, keeping the last good state. OUT/STAGE.jsonl has the losses, by
family on held-out voices and on human-like ones, and OUT/STAGE.svg draws them.
"""

import argparse
import json
import pickle
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from duplexsla.engine.model_folder import VOCABULARY_FILE, read_model_folder, write_config
from duplexsla.errors import CheckpointError, CorpusError, DuplexSLAError
from duplexsla.model.backbone import NanoModel
from duplexsla.model.checkpoint import save_nano
from duplexsla.model.codec_file import load_codec
from duplexsla.model.config import NanoConfig
from duplexsla.protocol.tokens import Vocabulary
from duplexsla_lab.data.corpus import taught_toolsets
from duplexsla_lab.data.scenarios.scenario import FAMILIES, HOME_2_FAMILIES
from duplexsla_lab.data.shards import Shards
from duplexsla_lab.data.timeline.positions import PositionBatch
from duplexsla_lab.data.timeline.training_session import Reply
from duplexsla_lab.data.voices.speech import PHONES
from duplexsla_lab.training.duplex.batches import SessionBatches
from duplexsla_lab.training.duplex.mixture import STAGES, TaskShare, mixture_of
from duplexsla_lab.training.duplex.run import Recipe, TimeBudget, TrainingRun, train
from duplexsla_lab.training.duplex.transfer import transfer
from duplexsla_lab.training.duplex.vocabulary import grammar_vocabulary
from duplexsla_lab.training.loss_curves import draw
from duplexsla_lab.training.reply_codes import read_replies

HUMAN_LIKE = "human"  # kind of shards
STEPS = {"base": 600, "post": 3_000, "adapt": 1_500}  # the reference run
UNBOUNDED = 1_000_000_000  # steps of a run that ends by the clock


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stage", choices=tuple(STAGES))
    parser.add_argument("--corpus", type=Path, default=Path("build/corpus"))
    parser.add_argument(
        "--out", type=Path, default=Path("build/nano"), help="run folder: states, logs, weights"
    )
    parser.add_argument("--init", type=Path, help="state to start from (post: OUT/base.pt)")
    parser.add_argument("--transfer", type=Path, help="model folder to start from, of whatever vocabulary")
    parser.add_argument(
        "--codec", type=Path, default=Path("model_repository/duplexsla/1"), help="folder of the codec"
    )
    parser.add_argument("--steps", type=int, help="default: base 600, post 3000, adapt 1500")
    parser.add_argument("--minutes", type=float, help="end after this time, in place of --steps")
    parser.add_argument("--workers", type=int, default=1, help="processes that make batches")
    parser.add_argument("--batch", type=int, default=24, help="sessions per step, on the average")
    parser.add_argument("--muon-lr", type=float, default=0.01)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument(
        "--cooldown", type=float, default=0.5, help="share of the steps over which the rate falls"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="cpu or cuda; the code is the same")
    parser.add_argument(
        "--compile", action="store_true", help="compile the blocks: 50 s, then a fifth faster"
    )
    parser.add_argument("--held", type=int, default=24, help="sessions of each family that are watched")
    parser.add_argument("--report-every", type=int, default=25)
    parser.add_argument("--save-every", type=int, default=100)
    return parser.parse_args(arguments)


def recipe_of(args: argparse.Namespace) -> Recipe:
    return Recipe(
        steps=UNBOUNDED if args.minutes else args.steps or STEPS[args.stage],
        batch_size=args.batch,
        muon_lr=args.muon_lr,
        adam_lr=args.adam_lr,
        cooldown=args.cooldown,
        seed=args.seed,
    )


def vocabulary_of(folder: Path, corpus: Path, *, donor: Path | None = None) -> Vocabulary:
    """The run's vocabulary. Where it has none: the donor's if that was taught what the corpus teaches, else
    one made for the corpus's toolsets.
    """
    path, toolsets = folder / VOCABULARY_FILE, taught_toolsets(corpus)
    if not path.exists():
        same = donor is not None and read_model_folder(donor).toolsets == toolsets
        known = donor / VOCABULARY_FILE if donor and same else None
        (Vocabulary.load(known) if known else grammar_vocabulary(home=toolsets["home"].version)).save(path)
    return Vocabulary.load(path)


def load_state(model: NanoModel, path: Path) -> None:
    """The weights of another stage's state. Raises CheckpointError."""
    try:
        model.load_state_dict(torch.load(path, map_location="cpu")["model"])
    except (OSError, RuntimeError, EOFError, LookupError, TypeError, pickle.UnpicklingError) as error:
        raise CheckpointError(
            f"{path} is no state of such a model ({str(error)[:200]}): run the stage before it, "
            "or give --init"
        ) from error


def build_run(args: argparse.Namespace) -> TrainingRun:
    args.out.mkdir(parents=True, exist_ok=True)
    vocabulary = vocabulary_of(args.out, args.corpus, donor=args.transfer)
    torch.manual_seed(args.seed)
    model = NanoModel(NanoConfig(vocab_size=len(vocabulary), num_phones=len(PHONES)))
    run = TrainingRun(
        model, recipe_of(args), vocabulary, args.out / f"{args.stage}.pt", torch.device(args.device)
    )
    if not run.path.exists():
        if args.transfer:
            transfer(model, vocabulary, args.transfer)
        elif args.init or args.stage != "base":
            load_state(model, args.init or args.out / "base.pt")
    run.resume()
    return run


def held_out_batches(
    corpus: Path,
    replies: Mapping[str, Reply],
    vocabulary: Vocabulary,
    *,
    silence_code: int,
    length: int,
    size: int,
) -> dict[str, PositionBatch]:
    """To watch: a fixed batch of `size` sessions of each family in held-out voices, and one of the users'
    words in human-like ones; of those that the corpus has sound for.
    """
    voices, human_like = Shards(corpus, "voices"), Shards(corpus, HUMAN_LIKE)
    present = {row["family"] for row in voices.rows()}
    watched = {
        family: (voices, TaskShare("duplex", 1.0, (family,)))
        for family in sorted(present, key=(*FAMILIES, *HOME_2_FAMILIES).index)
    }
    if len(human_like):
        watched["human-like"] = human_like, TaskShare("asr_user", 1.0)
    held = {}
    for name, (scenarios, task) in watched.items():
        batches = SessionBatches(
            scenarios,
            replies,
            vocabulary,
            (task,),
            silence_code=silence_code,
            prompt_length=length,
            size=size,
            seed=0,
            clean=True,
        )
        try:
            held[name] = batches.of(range(size))
        except CorpusError as error:
            print(f"not watched: {error}", file=sys.stderr)
    return held


def start_line(stage: str, run: TrainingRun, *, scenarios: int, replies: int) -> dict[str, str | int]:
    """What a stage starts with, printed as JSON."""
    return {
        "stage": stage,
        "parameters": sum(weight.numel() for weight in run.model.parameters()),
        "scenarios": scenarios,
        "replies": replies,
        "vocabulary": len(run.vocabulary),
        "from_step": run.step,
    }


def run_stage(args: argparse.Namespace) -> TrainingRun:
    """One stage from its first step to its last, as `parse` gives it; weights go to OUT/nano.safetensors."""
    torch.set_num_threads(args.threads)
    random.seed(args.seed)
    scenarios, replies = Shards(args.corpus, "train"), read_replies(args.corpus)
    if not len(scenarios):
        raise CorpusError(f"no corpus in {args.corpus}: run `python -m duplexsla_lab.data.corpus` first")
    if not replies:
        raise CorpusError("no reply codes: run `python -m duplexsla_lab.training.reply_codes` first")
    run, silence_code = build_run(args), load_codec(args.codec).silence_code
    length = run.model.config.prompt_length
    print(json.dumps(start_line(args.stage, run, scenarios=len(scenarios), replies=len(replies))), flush=True)
    batches = SessionBatches(
        scenarios,
        replies,
        run.vocabulary,
        mixture_of(args.stage, home=taught_toolsets(args.corpus)["home"].version),
        silence_code=silence_code,
        prompt_length=length,
        size=args.batch,
        seed=args.seed,
    )
    held = held_out_batches(
        args.corpus,
        replies,
        run.vocabulary,
        silence_code=silence_code,
        length=length,
        size=args.held,
    )
    if args.compile:
        run.compile()
    ahead = batches.ahead(run.step, run.recipe.steps, workers=args.workers)
    if args.minutes:
        run.budget = TimeBudget(60 * args.minutes)
    train(run, ahead, held, report_every=args.report_every, save_every=args.save_every)
    draw(args.out, args.stage)
    save_nano(run.model, run.vocabulary, args.out / "nano.safetensors")
    write_config(args.out, taught_toolsets(args.corpus))
    return run


if __name__ == "__main__":
    try:
        run_stage(parse())
    except DuplexSLAError as error:
        sys.exit(f"error: {error}")
