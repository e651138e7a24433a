import torch

from duplexsla.model.codec_layers import DepthwiseBlock
from duplexsla.model.spectrum import magnitudes


def test_the_cheap_gradient_is_the_true_one() -> None:
    frames = torch.randn(2, 3, 10, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: magnitudes(x, 16), frames)


def test_the_blocks_gradient_is_the_true_one() -> None:
    block = DepthwiseBlock(4, 3, ahead=1).double()
    frames = torch.randn(2, 7, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(block, frames)
    assert torch.autograd.gradcheck(
        lambda taps: torch.func.functional_call(block, {"taps": taps}, frames.detach()),
        block.taps.detach().requires_grad_(),
    )
