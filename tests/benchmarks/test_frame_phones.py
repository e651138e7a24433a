"""What the ablations measure: lines are cut with their phones, silence does not count."""

import numpy as np
import pytest
import torch
from benchmarks.frame_phones import SILENT, phone_error, placed

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.model.config import NanoConfig
from duplexsla.model.frontend import FrontEnd
from duplexsla_lab.data.scenarios.scenario import ScenarioLine
from duplexsla_lab.data.timeline.timeline import SpokenLine
from duplexsla_lab.data.voices.speech import PHONES

torch.set_num_threads(1)


def line(seconds: float) -> SpokenLine:
    samples = np.full(int(seconds * 16_000), 0.1, np.float32)
    return SpokenLine(ScenarioLine(("ah",), ()), samples, [(0.0, seconds, "ah")], [(0.0, "aa")])


@pytest.mark.parametrize("seconds", (0.5, 3.0))
def test_a_line_is_cut_or_padded_with_its_phones(seconds: float) -> None:
    samples, phones = placed(line(seconds), lead_s=0.32, chunks=8)
    assert samples.shape == (8 * CHUNK_SAMPLES,) and phones.shape == (16, 2)
    assert not samples[: 2 * CHUNK_SAMPLES].any() and samples[2 * CHUNK_SAMPLES] > 0
    spoken_s = min(seconds, 8 * 0.16 - 0.32)
    assert int((phones == PHONES.index("aa")).sum()) == pytest.approx(spoken_s / 0.04, abs=3)


def test_only_frames_of_speech_count() -> None:
    front = FrontEnd(NanoConfig(vocab_size=1, num_phones=len(PHONES), width=16, front_width=16))
    for parameter in front.phones.parameters():
        parameter.data.zero_()
    front.phones.bias.data.view(2, -1)[:, PHONES.index("aa")] = 1  # names no other phone
    samples, phones = placed(line(0.8), lead_s=0.32, chunks=8)
    assert (phones == SILENT).any()
    assert phone_error(front.eval(), [(samples[None], phones[None])]) == 0
    assert phone_error(front.eval(), [(samples[None], phones[None].clamp(max=SILENT))]) == 0
    front.phones.bias.data.view(2, -1)[:, SILENT] = 2
    assert phone_error(front.eval(), [(samples[None], phones[None])]) == 1
