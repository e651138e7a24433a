import torch

from duplexsla.model.codec import code_of, levels_of
from duplexsla.protocol.tokens import AUDIO_CODES
from duplexsla_lab.training.codec.code_errors import with_errors, with_pinned_silence


def test_a_few_codes_are_replaced() -> None:
    levels = levels_of(torch.randint(0, AUDIO_CODES, (20, 50)))
    changed = (code_of(with_errors(levels)) != code_of(levels)).float().mean()
    assert 0.01 < float(changed) < 0.06


def test_silence_is_pinned_only_where_its_code_carries_nothing_else() -> None:
    samples = torch.ones(200, 640 * 10)
    samples[:, 640 * 4 : 640 * 9] = 0.0
    codes = code_of(with_pinned_silence(levels_of(torch.full((200, 10), 7)), samples, 414))
    pinned = codes.eq(414)
    rows = pinned.any(dim=1)
    assert 0.5 < float(rows.float().mean()) < 0.9
    assert torch.equal(pinned[rows][0], torch.arange(10).ge(4) & torch.arange(10).le(5))
    assert codes[~pinned].eq(7).all()


def test_speech_keeps_its_codes() -> None:
    levels = levels_of(torch.randint(0, AUDIO_CODES, (8, 10)))
    assert torch.equal(with_pinned_silence(levels, torch.ones(8, 6400), 414), levels)
