import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tests.support.hummed_corpus import hummed
from torch import Tensor

from duplexsla.model.codec import CodecConfig
from duplexsla.model.codec_file import load_codec
from duplexsla_lab.training.codec.batches import CodecBatch
from duplexsla_lab.training.codec.run import Budget, CodecRun, TrainingDiverged
from duplexsla_lab.training.codec.silence import rms_of_code

torch.set_num_threads(1)  # the tensors are too small to share

SMALL = CodecConfig(
    encoder_frame_width=16,
    encoder_token_width=16,
    decoder_token_width=16,
    decoder_frame_width=16,
    decoder_token_blocks=1,
    decoder_frame_blocks=1,
)
TWO_JOINT_TWO_ALONE = Budget(joint_min=2.0, decoder_min=2.0)


def minute_steps(steps: int | None = None) -> Iterator[float]:
    """A clock by which every step takes a minute and a second, and that stops the run after some."""
    for reading in itertools.count():
        if steps is not None and reading == 2 * steps:
            raise KeyboardInterrupt
        yield reading * 61.0


def run_in(folder: Path, *, steps: int | None = None) -> CodecRun:
    torch.manual_seed(1)
    clock = minute_steps(steps)
    return CodecRun(hummed(), folder, TWO_JOINT_TWO_ALONE, batch=2, sizes=SMALL, clock=lambda: next(clock))


def weights(folder: Path) -> dict[str, Tensor]:
    return load_codec(folder / "latest", with_encoder=True).state_dict()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("codec")
    run_in(folder).train()
    return folder


def test_the_encoder_never_changes_after_it_was_announced(finished: Path) -> None:
    note = json.loads((finished / "frozen.json").read_text())
    frozen = load_codec(Path(note["folder"]), with_encoder=True)
    final = load_codec(finished / "latest", with_encoder=True)
    assert frozen.encoder is not None and final.encoder is not None
    for name, tensor in frozen.encoder.state_dict().items():
        assert torch.equal(tensor, final.encoder.state_dict()[name]), name
    assert frozen.silence_code == final.silence_code == note["silence_code"]
    assert not torch.equal(frozen.decoder.first.weight, final.decoder.first.weight)


def test_an_interrupted_run_goes_on_to_the_same_weights(finished: Path, tmp_path: Path) -> None:
    for steps in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            run_in(tmp_path, steps=steps).train()
    run_in(tmp_path).train()
    whole, resumed = weights(finished), weights(tmp_path)
    for name, tensor in whole.items():
        assert torch.allclose(tensor.float(), resumed[name].float(), atol=1e-4), name


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_checkpoint(tmp_path: Path) -> None:
    class Poisoned(CodecRun):
        poisoned = False

        def _forward(self, batch: CodecBatch) -> tuple[Tensor, dict[str, float]]:
            loss, parts = super()._forward(batch)
            return (loss * float("nan") if self.poisoned else loss), parts

    with pytest.raises(KeyboardInterrupt):
        run_in(tmp_path, steps=1).train()
    before = weights(tmp_path)
    clock = minute_steps()
    run = Poisoned(hummed(), tmp_path, TWO_JOINT_TWO_ALONE, batch=2, sizes=SMALL, clock=lambda: next(clock))
    run.poisoned = True
    with pytest.raises(TrainingDiverged, match="not finite"):
        run.train()
    for name, tensor in weights(tmp_path).items():
        assert torch.equal(tensor, before[name])


def test_each_half_anneals_from_its_own_rate() -> None:
    budget = Budget(joint_min=10.0, decoder_min=5.0, joint_rate=2.0, decoder_rate=1.0)
    assert budget.rate(0.0, joint=True) == pytest.approx(2.0)
    assert budget.rate(600.0, joint=True) == pytest.approx(0.04)
    assert budget.rate(600.0, joint=False) == pytest.approx(1.0)
    assert budget.rate(900.0, joint=False) == pytest.approx(0.02)


def test_the_silence_code_is_measured(finished: Path) -> None:
    codec = load_codec(finished / "latest", with_encoder=True)
    assert torch.isfinite(rms_of_code(codec, codec.silence_code))
