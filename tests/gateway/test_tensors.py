import pytest
from tests.gateway.fake_decoder import FakeDecoder, Held, Refusal, Reply
from tritonclient.grpc.service_pb2 import ModelInferRequest, ModelInferResponse

from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import DecoderLost, DuplexSLAError, ProtocolError, SlotsExhausted, StaleFence
from duplexsla.gateway.tensors import StepRequest, pack_text, read_answer, read_error, unpack_text

CHUNK = b"\1\2" * (CHUNK_BYTES // 2)


def test_a_request_carries_the_whole_contract() -> None:
    fake = FakeDecoder()
    request = StepRequest((1 << 63) - 1, 1 << 60, "car")
    fake._infer(request.fill(0, CHUNK, traceparent="00-a-b-01"))
    fake._infer(request.fill(1, CHUNK, forced=" [ done]"))
    held: Held = fake.sessions[(1 << 63) - 1]
    assert held.chunks == [0, 1] and held.audio == CHUNK * 2 and held.forced == [" [ done]"]
    assert (held.toolset, held.fence, held.traceparents[0]) == ("car", 1 << 60, "00-a-b-01")
    fake._infer(request.end(2))
    assert not fake.sessions


def test_only_the_first_request_of_a_session_starts_it() -> None:
    request = StepRequest(5, 1, "home")
    fills = [ModelInferRequest.FromString(request.fill(n, CHUNK).SerializeToString()) for n in range(3)]
    assert [fill.parameters["sequence_start"].bool_param for fill in fills] == [True, False, False]
    assert [fill.id for fill in fills] == ["0", "1", "2"]
    assert request.end(3).parameters["sequence_end"].bool_param


def test_an_answer_is_read_whatever_the_order_of_its_tensors() -> None:
    fake = FakeDecoder(lambda held, chunk: Reply((" lamp", " é"), anchor=" on"))
    response = fake._infer(StepRequest(5, 1, "home").fill(7, CHUNK))
    outputs, contents = list(response.outputs), list(response.raw_output_contents)
    turned = ModelInferResponse(id="7", outputs=outputs[::-1], raw_output_contents=contents[::-1])
    for each in (response, turned):
        chunk, step = read_answer(each)
        assert chunk == 7 and step.sound == CHUNK and step.anchor == " on"
        assert step.pieces == (" lamp", " é", "<|action_end|>")
        assert (step.silent, step.batch, step.tick_us) == (False, 1, 1_000)


def test_an_answer_that_cannot_be_read_is_a_lost_decoder() -> None:
    whole = FakeDecoder()._infer(StepRequest(5, 1, "home").fill(7, CHUNK))
    torn = ModelInferResponse.FromString(whole.SerializeToString())
    torn.raw_output_contents[3] = b"\xff\xff\xff\xff"
    unnamed = ModelInferResponse.FromString(whole.SerializeToString())
    unnamed.id = "x"
    for bad in (ModelInferResponse(), torn, unnamed):
        with pytest.raises(DecoderLost):
            read_answer(bad)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("slots_exhausted: every slot is held", SlotsExhausted),
        ("in ensemble, message: TritonError: stale_fence: newer owner", StaleFence),
        ("decoder_lost: unknown session", DecoderLost),
        ("bad_message: chunk 7 after 9", ProtocolError),
        ("inference request for sequence 5 must specify the START flag", DecoderLost),
        ("", DecoderLost),
    ],
)
def test_a_decoders_message_names_its_error(message: str, kind: type[DuplexSLAError]) -> None:
    assert type(read_error(message)) is kind


def test_text_tensors_survive_a_round_trip_and_torn_ones_are_refused() -> None:
    texts = ("", " lamp", "é" * 40)
    assert unpack_text(pack_text(*texts)) == texts
    with pytest.raises(ValueError, match="longer"):
        unpack_text(pack_text(" lamp")[:-1])


def test_the_fake_refuses_what_the_real_one_refuses() -> None:
    fake = FakeDecoder(slots=1)
    mine, stale, other = (StepRequest(*each, "home") for each in ((1, 9), (1, 8), (2, 9)))
    fake._infer(mine.fill(3, CHUNK))
    stale.fill(3, CHUNK)  # somebody else had started it
    for request, chunk, code in (
        (other, 0, "slots_exhausted"),
        (stale, 4, "stale_fence"),
        (mine, 2, "bad_m"),
    ):
        with pytest.raises(Refusal, match=code):
            fake._infer(request.fill(chunk, CHUNK))
