"""An output more in an ONNX file, byte by byte."""

from duplexsla_lab.data.onnx_file import with_output

NAME = "/encoder/Round_output_0"


def test_an_output_is_appended_as_a_field_of_the_graph() -> None:
    added = with_output(b"model", NAME).removeprefix(b"model")
    assert added[0] == 7 << 3 | 2 and added[1] == len(added) - 2  # graph
    assert added[2] == 12 << 3 | 2 and added[3] == len(added) - 4  # output
    name, rest = added[6 : 6 + len(NAME)], added[6 + len(NAME) :]
    assert name.decode() == NAME and rest == b"\x12\x04\x0a\x02\x08\x01"  # a tensor of float


def test_a_long_output_name_has_a_long_length() -> None:
    added = with_output(b"", "n" * 300)
    assert added[1:3] == bytes([(len(added) - 3) & 127 | 128, (len(added) - 3) >> 7])
