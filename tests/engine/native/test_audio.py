"""The compiled codec sounds as torch's does, on streams of several slots that come and go."""

import torch
from tests.support.engine_backends import SLOTS, batches, both_backends, with_compiler
from tests.support.tiny_engine import tiny_model, tiny_vocabulary

from duplexsla.protocol.tokens import AUDIO_CODES


@with_compiler
@torch.inference_mode()
def test_the_codec_sounds_the_same() -> None:
    model = tiny_model(tiny_vocabulary())
    torch.manual_seed(0)
    plain, compiled = both_backends(model)
    states = [each.codec.new_state(SLOTS) for each in (plain, compiled)]
    assert type(plain.codec) is not type(compiled.codec)
    for step, slots in enumerate(batches(20)):
        codes, held = torch.randint(0, AUDIO_CODES, (len(slots), 4 * (1 + step % 2))), torch.tensor(slots)
        sounds = [
            each.codec.decode_chunk(codes, state, held)
            for each, state in zip((plain, compiled), states, strict=True)
        ]
        assert torch.allclose(*sounds, atol=1e-3)
        if step % 5 == 0:
            for state in states:
                state.reset(held[:1])
