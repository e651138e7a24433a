"""The codec's training loop: two halves, resumable to the step, on a budget of CPU time."""

import copy
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from duplexsla.errors import DuplexSLAError
from duplexsla.model.codec import Codec, CodecConfig, Voicing
from duplexsla.model.codec_file import save_codec
from duplexsla.model.codec_source import NOISE_FRAMES
from duplexsla_lab.data.codec_corpus import Corpus
from duplexsla_lab.training.codec.batches import Batches, CodecBatch
from duplexsla_lab.training.codec.code_errors import with_errors, with_pinned_silence
from duplexsla_lab.training.codec.loss import CodecLoss
from duplexsla_lab.training.codec.optimizers import Meter, Optimizers
from duplexsla_lab.training.codec.silence import pin_silence

_SAVE_EVERY_S = 60.0  # CPU time
_REPORT_EVERY = 50
_WARM_UP_STEPS = 40
_AVERAGE = 0.995


class TrainingDiverged(DuplexSLAError):
    """The loss is not finite; the last good checkpoint is kept."""

    code = "training_diverged"


@dataclass(frozen=True)
class Budget:
    """CPU minutes of each half and the learning rates they start from."""

    joint_min: float
    decoder_min: float
    joint_rate: float = 2e-3
    decoder_rate: float = 1.2e-3

    @property
    def total_s(self) -> float:
        return (self.joint_min + self.decoder_min) * 60

    def rate(self, spent_s: float, *, joint: bool) -> float:
        """Cosine down to 2 % within each half."""
        start, length = (0.0, self.joint_min) if joint else (self.joint_min, self.decoder_min)
        done = min(1.0, max(0.0, (spent_s / 60 - start) / max(length, 1e-9)))
        top = self.joint_rate if joint else self.decoder_rate
        return top * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))


class CodecRun:
    """One training run in one work folder. Takes up the run that the folder holds."""

    def __init__(
        self,
        corpus: Corpus,
        work: Path,
        budget: Budget,
        *,
        batch: int,
        seed: int = 0,
        sizes: CodecConfig | None = None,
        clock: Callable[[], float] = time.process_time,
    ) -> None:
        torch.manual_seed(seed)
        self._batches, self._work, self._budget, self._size = Batches(corpus), work, budget, batch
        self._codec, self._random = Codec(sizes), np.random.default_rng(seed)
        self._loss = CodecLoss(self._codec.config)
        self._average = copy.deepcopy(self._codec).requires_grad_(False)
        self._optimizers = Optimizers(self._codec, self._loss)
        self._step, self._spent_s, self._joint = 0, 0.0, True
        self._marks_min: list[float] = []
        self._clock = clock
        if (work / "run.pt").exists():
            self._restore()

    def train(self) -> None:
        """Until the budget is spent. Raises TrainingDiverged."""
        total_s, meter, saved_s = self._budget.total_s, Meter(), self._spent_s
        start = round(self._spent_s)
        with tqdm(total=round(total_s), initial=start, unit="s", desc="CPU time", mininterval=30) as bar:
            while self._spent_s < total_s:
                started = self._clock()
                self._turn(meter)
                self._spent_s += self._clock() - started
                bar.update(int(self._spent_s) - bar.n)
                if self._spent_s - saved_s > _SAVE_EVERY_S:
                    self._save()
                    saved_s = self._spent_s
                if self._step % _REPORT_EVERY == 0:
                    tqdm.write(f"step {self._step} at {self._spent_s / 60:.2f} min: {meter.line()}")
        self._save()

    def _turn(self, meter: Meter) -> None:
        """One step, and the freezing when its time has come."""
        if self._joint and self._spent_s >= self._budget.joint_min * 60:
            self._freeze()
        loss, parts = self._forward(self._batches.draw(self._random, self._size))
        warm = min(1.0, (self._step + 1) / _WARM_UP_STEPS)
        rate = self._budget.rate(self._spent_s, joint=self._joint) * warm
        if not self._optimizers.step(loss, rate):
            kept = self._work / "run.pt"
            raise TrainingDiverged(
                f"step {self._step}: the loss is not finite; {kept} holds the last good state"
            )
        self._step += 1
        meter.add(parts)
        self._follow()

    def _forward(self, batch: CodecBatch) -> tuple[Tensor, dict[str, float]]:
        decoder, encoder = self._codec.decoder, self._codec.encoder
        assert encoder is not None
        with torch.autocast("cpu", torch.bfloat16, enabled=self._joint), torch.set_grad_enabled(self._joint):
            levels = encoder(batch.samples)
        if not self._joint:
            levels = with_pinned_silence(levels, batch.samples, self._average.silence_code)
        state = decoder.new_state(len(levels))
        state.synthesis.frame = torch.randint(0, NOISE_FRAMES, (len(levels),))
        with torch.autocast("cpu", torch.bfloat16):
            said, _ = decoder.voicing(with_errors(levels), state.context)
        f0_hz = torch.where(batch.f0_hz > 0, batch.f0_hz, said.f0_hz.detach())
        true_pitch = Voicing(said.hidden, f0_hz, batch.voiced - 0.5, said.envelopes)
        sound, _ = decoder.synthesize(true_pitch, state.synthesis)
        loss, parts = self._loss(batch, said, sound)
        return loss, parts | {"loss": float(loss.detach())}

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the averaged weights towards the current ones."""
        keep = min(_AVERAGE, self._step / (self._step + 20))
        current = dict(self._codec.named_parameters())
        for name, parameter in self._average.named_parameters():
            parameter.lerp_(current[name], 1 - keep)
        buffers = dict(self._codec.named_buffers())
        for name, buffer in self._average.named_buffers():
            buffer.copy_(buffers[name])

    def _freeze(self) -> None:
        """Fix the codes: the averaged encoder, at the precision it has on disk, serves from here on."""
        encoder = self._average.encoder
        assert encoder is not None
        self._settle_statistics()
        with torch.no_grad():
            for tensor in encoder.state_dict().values():
                if tensor.is_floating_point():
                    tensor.copy_(tensor.half().float())
        self._codec.load_state_dict(self._average.state_dict())
        assert self._codec.encoder is not None
        self._codec.encoder.requires_grad_(False).eval()
        self._joint = False
        self._average.eval()
        pin_silence(self._average)
        self._save()
        folder = self._work / "frozen"
        save_codec(self._average, folder)
        note = {"folder": str(folder), "step": self._step, "silence_code": self._average.silence_code}
        (self._work / "frozen.json").write_text(json.dumps(note) + "\n")

    @torch.no_grad()
    def _settle_statistics(self) -> None:
        """The averaged encoder needs its own normalization statistics."""
        encoder = self._average.encoder
        assert encoder is not None
        norm = encoder.quantizer.norm
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean
        encoder.train()
        for _ in range(40):
            encoder(self._batches.draw(self._random, self._size).samples)
        norm.momentum = 0.05
        encoder.eval()

    def _save(self) -> None:
        minutes = self._spent_s / 60
        torch.save(self._contents(), self._work / "run.part")
        (self._work / "run.part").replace(self._work / "run.pt")
        snapshot = copy.deepcopy(self._average).eval()
        if self._joint:
            pin_silence(snapshot)
        save_codec(snapshot, self._work / "latest")
        for mark in (10, 20, 27, 35):
            if minutes >= mark and mark not in self._marks_min:
                self._marks_min.append(mark)
                save_codec(snapshot, self._work / f"at_{mark}_min")

    def _contents(self) -> dict[str, Any]:
        return {
            "codec": self._codec.state_dict(),
            "average": self._average.state_dict(),
            "loss": self._loss.state_dict(),
            "rates": self._optimizers.state_dict(),
            "numbers": (self._step, self._spent_s, self._joint, self._average.silence_code, self._marks_min),
            "random": (self._random.bit_generator.state, torch.get_rng_state()),
        }

    def _restore(self) -> None:
        held = torch.load(self._work / "run.pt", weights_only=False)  # our own file: holds the random state
        self._codec.load_state_dict(held["codec"])
        self._average.load_state_dict(held["average"])
        self._loss.load_state_dict(held["loss"])
        self._optimizers.load_state_dict(held["rates"])
        self._step, self._spent_s, self._joint, self._average.silence_code, self._marks_min = held["numbers"]
        self._random.bit_generator.state = held["random"][0]
        torch.set_rng_state(held["random"][1])
        if not self._joint:
            assert self._codec.encoder is not None
            self._codec.encoder.requires_grad_(False).eval()
            self._average.eval()
