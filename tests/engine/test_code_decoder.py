"""The compiled code head picks torch's codes."""

import torch
from tests.support.engine_backends import both_backends, with_compiler
from tests.support.tiny_engine import tiny_model, tiny_vocabulary


@with_compiler
@torch.inference_mode()
def test_both_decode_the_same_codes() -> None:
    model = tiny_model(tiny_vocabulary())
    torch.manual_seed(0)
    plain, compiled = both_backends(model)
    assert type(plain.code_decoder) is not type(compiled.code_decoder)
    for rows in (1, 2, 7, 20):
        hidden = torch.randn(rows, model.config.width)
        assert plain.code_decoder.decode_codes(hidden) == compiled.code_decoder.decode_codes(hidden)
