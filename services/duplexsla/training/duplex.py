"""Trains the nano model on a corpus: listening first, then listening and speaking.

    python -m duplexsla.training.duplex listen --steps 1200
    python -m duplexsla.training.duplex speak --steps 3000 --init build/nano/listen.pt

`listen` needs no assistant speech: sessions end with the planned reply. `speak` adds the replies' audio codes
(made by `python -m duplexsla.training.reply_codes`). Both resume to the step from OUT/STAGE.pt, are
deterministic by seed, and stop at a loss that is not finite, keeping the last good checkpoint.
"""

import argparse
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from duplexsla.data.home_grammar import ITEMS
from duplexsla.data.positions import Batch
from duplexsla.data.requests import Row, read_replies, read_rows
from duplexsla.data.speech import PHONES
from duplexsla.errors import CheckpointError
from duplexsla.model.backbone import NanoModel
from duplexsla.model.checkpoint import save_nano
from duplexsla.model.config import NanoConfig
from duplexsla.protocol.actions import call_text
from duplexsla.protocol.prompts import PROMPTS, prompt_tokens
from duplexsla.protocol.vocabulary import PRINTABLE, Vocabulary, build_vocabulary
from duplexsla.tools import TOOLSETS
from duplexsla.tools.home import DOORS
from duplexsla.training.duplex_batches import SessionBatches, held_batches
from duplexsla.training.duplex_loss import duplex_losses
from duplexsla.training.muon import Muon

VOCABULARY_SIZE = 1_024
WARMUP_STEPS = 40
CLIP_NORM = 1.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """The reference run."""

    steps: int
    batch_size: int = 24
    muon_lr: float = 0.01
    adam_lr: float = 2e-3
    cooldown: float = 0.5  # share of the steps over which the rate falls to `floor`
    floor: float = 0.02
    code_weight: float = 0.5
    phone_weight: float = 0.3
    seed: int = 0

    def rate(self, step: int) -> float:
        """Factor on both learning rates: warm-up, constant, linear cool-down."""
        left = (self.steps - step) / max(1, self.steps * self.cooldown)
        return min(1.0, (step + 1) / WARMUP_STEPS) * min(1.0, max(self.floor, left))


def corpus_vocabulary(rows: Sequence[Row]) -> Vocabulary:
    """Pieces for all that the corpus says and writes."""
    texts = [text for row in rows for text in (row.meta["said"], row.meta["reply"], row.meta["outcome"])]
    texts += [call_text(row.meta["function"], row.meta["arguments"]) for row in rows if row.meta["function"]]
    texts += [" um uh", *PROMPTS.values(), *ITEMS, *DOORS]
    functions = [function for toolset in TOOLSETS.values() for function in toolset.functions]
    arguments = dict.fromkeys(argument.name for function in functions for argument in function.arguments)
    return build_vocabulary(
        texts, VOCABULARY_SIZE, [function.name for function in functions], list(arguments)
    )


def optimizers(model: NanoModel, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for the backbone's matrices, AdamW for all else."""
    config = model.config
    heads = [n * config.head_width for n in (config.num_heads, config.num_kv_heads, config.num_kv_heads)]
    groups: list[dict[str, Any]] = [
        {"params": [block.qkv.weight for block in model.layers()], "maps": heads},
        {"params": [block.gate_up.weight for block in model.layers()], "maps": [config.ff_width] * 2},
        {"params": [w for block in model.layers() for w in (block.out.weight, block.down.weight)]},
    ]
    mine = {id(weight) for group in groups for weight in group["params"]}
    rest = [weight for weight in model.parameters() if id(weight) not in mine]
    adam = torch.optim.AdamW(rest, lr=recipe.adam_lr, betas=(0.9, 0.95), weight_decay=0.01)
    return [Muon(groups, lr=recipe.muon_lr), adam]


class Run:
    """One stage's state: model, optimizers, step. `step_once` is one turn; `train` the loop."""

    def __init__(
        self, model: NanoModel, recipe: Recipe, vocabulary: Vocabulary, path: Path, device: torch.device
    ):
        self.model, self.recipe, self.vocabulary, self.path, self.device = (
            model.to(device),
            recipe,
            vocabulary,
            path,
            device,
        )
        self.optimizers, self.step = optimizers(model, recipe), 0
        self.base_rates = [group["lr"] for opt in self.optimizers for group in opt.param_groups]
        self.prompt = torch.tensor(
            [prompt_tokens(vocabulary, "home", model.config.prompt_length)], device=device
        )
        self.first_word = vocabulary.id(PRINTABLE[-1]) + 1  # what is not control, a name or a character

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "step": self.step,
            "optimizers": [opt.state_dict() for opt in self.optimizers],
        }
        partial = self.path.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.path)

    def resume(self) -> None:
        if not self.path.exists():
            return
        state = torch.load(self.path, map_location=self.device)
        self.model.load_state_dict(state["model"])
        for opt, saved in zip(self.optimizers, state["optimizers"], strict=True):
            opt.load_state_dict(saved)
        self.step = state["step"]

    def _set_rates(self) -> None:
        groups = [group for opt in self.optimizers for group in opt.param_groups]
        for group, base in zip(groups, self.base_rates, strict=True):
            group["lr"] = base * self.recipe.rate(self.step)

    def losses(
        self, batch: Batch, generator: torch.Generator | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        with torch.autocast(self.device.type, torch.bfloat16):
            losses = duplex_losses(
                self.model,
                batch.to(self.device),
                self.prompt,
                first_word=self.first_word,
                generator=generator,
            )
        total = losses.total(code_weight=self.recipe.code_weight, phone_weight=self.recipe.phone_weight)
        return total, losses.text, losses.codes, losses.phones, losses.accuracy

    def step_once(self, batch: Batch) -> list[float]:
        """One step; returns [total, text, codes, phones, accuracy]. Raises CheckpointError at a bad loss."""
        self._set_rates()
        generator = torch.Generator().manual_seed(self.recipe.seed * 1_000_003 + self.step)
        values = self.losses(batch, generator)
        if not math.isfinite(values[0].item()):
            raise CheckpointError(
                f"the loss is {values[0].item()} at step {self.step}: {self.path} holds the last "
                "good state; lower --muon-lr and --adam-lr and run again"
            )
        values[0].backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP_NORM)
        for opt in self.optimizers:
            opt.step()
            opt.zero_grad(set_to_none=True)
        self.step += 1
        return [value.item() for value in values]

    @torch.no_grad()
    def validate(self, batches: Sequence[Batch]) -> list[float]:
        self.model.eval()
        values = torch.tensor([[v.item() for v in self.losses(batch, None)] for batch in batches])
        self.model.train()
        return [round(v, 4) for v in values.mean(0).tolist()]


def train(
    run: Run, batches: SessionBatches, held: dict[str, list[Batch]], *, report_every: int, save_every: int
) -> None:
    log, recent, start = run.path.with_suffix(".jsonl").open("a"), [], time.monotonic()
    first = run.step
    while run.step < run.recipe.steps:
        recent.append(run.step_once(batches.batch(run.step)))
        if run.step % report_every == 0:
            mean = [round(v, 4) for v in torch.tensor(recent).mean(0).tolist()]
            row = {
                "step": run.step,
                "loss": mean,
                "s_per_step": round((time.monotonic() - start) / (run.step - first), 3),
            }
            recent = []
            if run.step % save_every == 0:
                run.save()
                row["held"] = {name: run.validate(group) for name, group in held.items()}
            print(json.dumps(row), flush=True)
            print(json.dumps(row), file=log, flush=True)
    run.save()


def build_run(args: argparse.Namespace, rows: Sequence[Row], num_phones: int) -> Run:
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "vocabulary.json"
    if not path.exists():
        corpus_vocabulary(rows).save(path)
    vocabulary = Vocabulary.load(path)
    torch.manual_seed(args.seed)
    model = NanoModel(NanoConfig(vocab_size=len(vocabulary), num_phones=num_phones))
    recipe = Recipe(
        steps=args.steps,
        batch_size=args.batch,
        muon_lr=args.muon_lr,
        adam_lr=args.adam_lr,
        cooldown=args.cooldown,
        seed=args.seed,
    )
    run = Run(model, recipe, vocabulary, args.out / f"{args.stage}.pt", torch.device(args.device))
    if args.init and not run.path.exists():
        run.model.load_state_dict(torch.load(args.init, map_location=args.device)["model"])
    run.resume()
    return run


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stage", choices=("listen", "speak"))
    parser.add_argument("--corpus", type=Path, default=Path("build/corpus"))
    parser.add_argument(
        "--out", type=Path, default=Path("build/nano"), help="run folder: states, logs, weights"
    )
    parser.add_argument("--init", type=Path, help="state of an earlier stage to start from")
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--batch", type=int, default=24, help="sessions per step")
    parser.add_argument("--muon-lr", type=float, default=0.01)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument(
        "--cooldown", type=float, default=0.5, help="share of the steps over which the rate falls"
    )
    parser.add_argument("--silence-code", type=int, default=0, help="the codec's code of silence")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="cpu or cuda; the code is the same")
    parser.add_argument("--report-every", type=int, default=25)
    parser.add_argument("--save-every", type=int, default=100)
    return parser.parse_args()


def main() -> None:
    args = parse()
    torch.set_num_threads(args.threads)
    rows = read_rows(args.corpus, "train")
    replies = read_replies(args.corpus) if args.stage == "speak" else {}
    if args.stage == "speak" and not replies:
        raise SystemExit("no reply codes: run `python -m duplexsla.training.reply_codes` first")
    run = build_run(args, rows, len(PHONES))
    parameters = sum(weight.numel() for weight in run.model.parameters())
    print(
        json.dumps(
            {
                "stage": args.stage,
                "parameters": parameters,
                "requests": len(rows),
                "replies": len(replies),
                "vocabulary": len(run.vocabulary),
                "from_step": run.step,
            }
        ),
        flush=True,
    )
    batches = SessionBatches(
        rows, replies, run.vocabulary, silence_code=args.silence_code, size=args.batch, seed=args.seed
    )
    held = {
        kind: held_batches(
            read_rows(args.corpus, kind)[:96],
            replies,
            run.vocabulary,
            silence_code=args.silence_code,
            size=24,
        )
        for kind in ("voices", "combinations")
    }
    train(run, batches, held, report_every=args.report_every, save_every=args.save_every)
    save_nano(run.model, run.vocabulary, args.out / "nano.safetensors")


if __name__ == "__main__":
    main()
