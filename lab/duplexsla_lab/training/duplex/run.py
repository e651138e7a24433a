"""One stage of training: model, optimizers, step. Resumes to the step, stops at a loss that is not finite."""

import json
import math
import pickle
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from duplexsla.errors import CheckpointError
from duplexsla.model.backbone import NanoModel
from duplexsla.model.frontend import FrontEnd
from duplexsla.protocol.tokens import PRINTABLE, Vocabulary
from duplexsla_lab.data.timeline.positions import PositionBatch
from duplexsla_lab.training.duplex.loss import duplex_losses
from duplexsla_lab.training.muon import Muon

WARMUP_STEPS = 40
CLIP_NORM = 1.0
LOSS_NAMES = ("total", "text", "codes", "phones", "accuracy")


@dataclass(frozen=True, slots=True)
class Recipe:
    """The reference run."""

    steps: int
    batch_size: int = 24
    muon_lr: float = 0.01
    adam_lr: float = 2e-3
    cooldown: float = 0.5  # share of the steps over which the rate falls to `floor`
    floor: float = 0.02
    code_weight: float = 0.3
    phone_weight: float = 0.3
    seed: int = 0

    def rate(self, step: int, share: float | None = None) -> float:
        """Factor on both learning rates: warm-up, constant, linear cool-down.

        `share`, 0..1: how much of the run is over, where that is measured by time and not by steps.
        """
        share = step / self.steps if share is None else share
        left = (1 - share) / max(self.cooldown, 1 / self.steps)
        warmup = min(WARMUP_STEPS, max(1, self.steps // 4))  # of a tiny run
        return min(1.0, (step + 1) / warmup) * min(1.0, max(self.floor, left))


class TimeBudget:
    """A run that ends after some seconds, whatever its steps."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock, self._start_s = seconds, clock, clock()

    @property
    def share(self) -> float:
        """Of the time that is over, 0..1."""
        return min(1.0, (self._clock() - self._start_s) / self._seconds)


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


class TrainingRun:
    """One stage's state: model, optimizers, step. `step_once` is one turn; `train` the loop."""

    def __init__(
        self, model: NanoModel, recipe: Recipe, vocabulary: Vocabulary, path: Path, device: torch.device
    ):
        self.model, self.recipe, self.path, self.device = model.to(device), recipe, path, device
        self.vocabulary = vocabulary
        self.optimizers, self.step = optimizers(model, recipe), 0
        self.budget: TimeBudget | None = None
        self.base_rates = [group["lr"] for opt in self.optimizers for group in opt.param_groups]
        self.first_word = vocabulary.id(PRINTABLE[-1]) + 1  # what is not control, a name or a character

    def compile(self) -> None:
        """Fuses the elementwise operations of the backbone's and the front end's blocks."""
        for block in self.model.layers():
            block.whole = torch.compile(block.whole, dynamic=True)  # type: ignore[method-assign]
        front = self.model.frontend
        for conv in front.blocks if isinstance(front, FrontEnd) else []:
            conv.forward = torch.compile(conv.forward, dynamic=True)

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
        """Goes on where the state at `path` ends, if there is one. Raises CheckpointError."""
        if not self.path.exists():
            return
        try:
            state = torch.load(self.path, map_location=self.device)
            self.model.load_state_dict(state["model"])
            for opt, saved in zip(self.optimizers, state["optimizers"], strict=True):
                opt.load_state_dict(saved)
            self.step = state["step"]
        except (
            OSError,
            RuntimeError,
            EOFError,
            LookupError,
            TypeError,
            ValueError,
            pickle.UnpicklingError,
        ) as e:
            raise CheckpointError(
                f"{self.path} is no state of this model and recipe ({str(e)[:200]}): move it away to begin "
                "again, or give --out another folder"
            ) from e

    def _set_rates(self) -> None:
        groups = [group for opt in self.optimizers for group in opt.param_groups]
        rate = self.recipe.rate(self.step, self.budget.share if self.budget else None)
        for group, base in zip(groups, self.base_rates, strict=True):
            group["lr"] = base * rate

    @property
    def over(self) -> bool:
        """Whether its budget is spent: of steps, or of time."""
        return self.step >= self.recipe.steps or (self.budget is not None and self.budget.share >= 1)

    def losses(self, batch: PositionBatch, generator: torch.Generator | None) -> list[Tensor]:
        """By LOSS_NAMES. With a generator the inputs are noised, as in training."""
        with torch.autocast(self.device.type, torch.bfloat16):
            losses = duplex_losses(
                self.model, batch.to(self.device), first_word=self.first_word, generator=generator
            )
        total = losses.total(code_weight=self.recipe.code_weight, phone_weight=self.recipe.phone_weight)
        return [total, losses.text, losses.codes, losses.phones, losses.accuracy]

    def step_once(self, batch: PositionBatch) -> list[float]:
        """One step; returns the losses by LOSS_NAMES. Raises CheckpointError at a bad one."""
        self._set_rates()
        generator = torch.Generator().manual_seed(self.recipe.seed * 1_000_003 + self.step)
        values = self.losses(batch, generator)
        self._check("loss", values[0])
        values[0].backward()
        self._check("gradient", torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP_NORM))
        for opt in self.optimizers:
            opt.step()
            opt.zero_grad(set_to_none=True)
        self.step += 1
        return [value.item() for value in values]

    def _check(self, what: str, value: Tensor) -> None:
        """Before it can spoil the weights. Raises CheckpointError."""
        if not math.isfinite(value.item()):
            kept = "holds the last good state" if self.path.exists() else "is not written yet"
            raise CheckpointError(
                f"the {what} is {value.item()} at step {self.step}: {self.path} {kept}; lower --muon-lr and "
                "--adam-lr and run again"
            )

    @torch.no_grad()
    def validate(self, batch: PositionBatch) -> dict[str, float]:
        self.model.eval()
        values = self.losses(batch, None)
        self.model.train()
        return _named([value.item() for value in values])


def _named(values: Sequence[float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in zip(LOSS_NAMES, values, strict=True)}


def train(
    run: TrainingRun,
    batches: Iterator[PositionBatch],
    held: Mapping[str, PositionBatch],
    *,
    report_every: int,
    save_every: int,
) -> None:
    """The loop. A line of JSON every `report_every` steps, into STAGE.jsonl, too."""
    recent, start_s, first = [], time.monotonic(), run.step
    with run.path.with_suffix(".jsonl").open("a") as log:
        print(json.dumps({"recipe": asdict(run.recipe), "from_step": first}), file=log, flush=True)
        for batch in batches:
            recent.append(run.step_once(batch))
            saves = run.step % save_every == 0 or run.over
            if run.step % report_every and not saves:
                continue
            row = _report(run, recent, (time.monotonic() - start_s) / (run.step - first))
            recent = []
            if saves:
                run.save()
                row["held"] = {name: run.validate(group) for name, group in held.items()}
            for file in (None, log):
                print(json.dumps(row), file=file, flush=True)
            if run.over:
                return


def _report(run: TrainingRun, recent: Sequence[Sequence[float]], s_per_step: float) -> dict[str, Any]:
    means = torch.tensor(recent).mean(0).tolist()
    row = {"step": run.step, **_named(means), "s_per_step": round(s_per_step, 3)}
    if run.budget:
        return {**row, "share": round(run.budget.share, 3)}
    left_min = (run.recipe.steps - run.step) * s_per_step / 60
    return {**row, "of": run.recipe.steps, "minutes_left": round(left_min, 1)}
