"""What is inside an ONNX file, as one more output of it."""


def with_output(model: bytes, name: str) -> bytes:
    """An ONNX file with one more float output. Messages of protobuf that follow each other are merged: a
    ModelProto is appended that holds a graph (field 7) with an output (12): name (1), type (2), float (1).
    """
    value = _field(1, name.encode()) + _field(2, _field(1, b"\x08\x01"))
    return model + _field(7, _field(12, value))


def _field(number: int, content: bytes) -> bytes:
    """Of the type "length-delimited"."""
    size, length = len(content), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content
