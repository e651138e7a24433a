"""The code head: every code has its own digits, and greedy decoding is what the loss calls most likely."""

import torch

from duplexsla.model.code_head import CodeHead, code_digits
from duplexsla.protocol.tokens import AUDIO_CODES


def test_every_code_has_its_own_eight_ternary_digits() -> None:
    digits = code_digits()
    assert digits.shape == (AUDIO_CODES, 24)
    assert len({tuple(row) for row in digits.tolist()}) == AUDIO_CODES
    assert (digits.sum(1) == 8).all()


def test_a_trained_head_decodes_what_it_was_taught() -> None:
    torch.manual_seed(0)
    head, hidden = CodeHead(16, 32), torch.randn(6, 16)
    codes = torch.randint(AUDIO_CODES, (6, 4))
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    first = head.loss(hidden, codes, codes).mean().item()
    for _ in range(150):
        optimizer.zero_grad()
        loss = head.loss(hidden, codes, codes).mean()
        loss.backward()
        optimizer.step()
    assert loss.item() < first / 20
    assert torch.equal(head.decode(hidden), codes)
