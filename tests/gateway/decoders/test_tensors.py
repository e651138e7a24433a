import resource
from pathlib import Path

import pytest
from tests.support.fake_decoder import FakeDecoder, Reply
from tritonclient.grpc.service_pb2 import ModelInferRequest, ModelInferResponse

from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import DecoderLost, DuplexSLAError, ProtocolError, SlotsExhausted, StaleFence
from duplexsla.gateway.decoders.tensors import (
    Requests,
    Row,
    pack_rows,
    pack_text,
    read_answers,
    read_error,
    unpack_text,
)
from duplexsla.session.dialogue import DecodedStep

CHUNK = b"\1\2" * (CHUNK_BYTES // 2)


def test_a_request_carries_the_whole_contract_of_each_of_its_rows() -> None:
    fake, big = FakeDecoder(), (1 << 63) - 1
    rows = [
        Row(big, 0, 1 << 60, CHUNK, traceparent="00-a-b-01", toolset="car"),
        Row(5, 7, 3, CHUNK[::-1], forced=" [ done é]", toolset="home", past=b""),
        Row(6, 1, 3, CHUNK, last=True),
    ]
    assert fake.rows_of(Requests().fill(1, rows)) == rows


def test_a_filled_request_keeps_nothing_of_the_one_before() -> None:
    requests, fake = Requests(), FakeDecoder()
    fills = []
    for number, rows in enumerate([[Row(5, 0, 1, CHUNK, toolset="home")], [Row(6, 1, 2, CHUNK)]]):
        fills.append(ModelInferRequest.FromString(requests.fill(number, rows).SerializeToString()))
    assert [fill.id for fill in fills] == ["0", "1"]
    assert fake.rows_of(fills[1]) == [Row(6, 1, 2, CHUNK)]


def test_what_was_sent_leaves_no_memory_behind() -> None:
    requests, rows = Requests(), [Row(number, 0, 1, CHUNK) for number in range(16)]
    requests.fill(0, rows)
    before = _resident_bytes()
    for number in range(3_000):
        requests.fill(number, rows)
    assert _resident_bytes() - before < 3_000 * 16 * CHUNK_BYTES / 10


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_every_row_has_its_own_answer_whatever_the_order_of_the_tensors() -> None:
    fake = FakeDecoder(lambda held, chunk: Reply((" lamp", " é") if chunk == 7 else (), anchor=" on"))
    rows = [Row(5, 7, 1, CHUNK, toolset="home"), Row(9, 1, 1, CHUNK), Row(6, 0, 1, CHUNK, toolset="home")]
    response = fake._infer(Requests().fill(1, rows))
    outputs, contents = list(response.outputs), list(response.raw_output_contents)
    turned = ModelInferResponse(id="1", outputs=outputs[::-1], raw_output_contents=contents[::-1])
    for each in (response, turned):
        first, refused, last = read_answers(each)
        assert (
            isinstance(first, DecodedStep)
            and isinstance(last, DecodedStep)
            and isinstance(refused, DecoderLost)
        )
        assert first.sound == CHUNK and first.anchor == " on"
        assert first.pieces == (" lamp", " é", "<|action_end|>") and last.pieces == ("<|action_end|>",)
        assert (first.silent, first.batch, first.tick_us) == (False, 3, 1_000)


def test_an_answer_that_cannot_be_read_is_a_lost_decoder() -> None:
    whole = FakeDecoder()._infer(Requests().fill(1, [Row(5, 7, 1, CHUNK, toolset="home")]))
    torn = [ModelInferResponse.FromString(whole.SerializeToString()) for _ in whole.outputs]
    for place, bad in enumerate(torn):
        bad.raw_output_contents[place] = b"\xff\xff\xff\xff"
    for bad in (ModelInferResponse(), *torn):
        with pytest.raises(DecoderLost):
            read_answers(bad)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("slots_exhausted: every slot is held", SlotsExhausted),
        ("in ensemble, message: TritonError: stale_fence: newer owner", StaleFence),
        ("decoder_lost: unknown session", DecoderLost),
        ("bad_message: chunk 7 after 9", ProtocolError),
        ("Request for unknown model: 'duplexsla' is not found", DecoderLost),
        ("", DecoderLost),
    ],
)
def test_a_decoders_message_names_its_error(message: str, kind: type[DuplexSLAError]) -> None:
    assert type(read_error(message)) is kind


def test_text_tensors_survive_a_round_trip_and_torn_ones_are_refused() -> None:
    texts = ("", " lamp", "é" * 40)
    assert unpack_text(pack_text(*texts)) == texts
    assert unpack_text(pack_rows([("a",), ("b", "c")])) == ("a", "", "b", "c")
    with pytest.raises(ValueError, match="longer"):
        unpack_text(pack_text(" lamp")[:-1])


def test_the_fake_refuses_what_the_real_one_refuses() -> None:
    fake = FakeDecoder(slots=1)
    for row, code in (
        (Row(1, 3, 9, CHUNK, toolset="home"), ""),
        (Row(2, 0, 9, CHUNK, toolset="home"), "slots_exhausted"),
        (Row(1, 4, 8, CHUNK), "stale_fence"),
        (Row(1, 2, 9, CHUNK), "bad_message"),
    ):
        (answer,) = read_answers(fake._infer(Requests().fill(1, [row])))
        assert (answer.code if isinstance(answer, DuplexSLAError) else "") == code
