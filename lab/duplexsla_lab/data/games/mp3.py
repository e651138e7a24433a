"""MP3 through libmpg123, by ctypes."""

import ctypes
from functools import cache

import numpy as np
from numpy.typing import NDArray

from duplexsla.errors import CorpusError
from duplexsla_lab.data.voices.speech import load_library

PACKAGE = "libmpg123-0"
OK, NEW_FORMAT, NEED_MORE, DONE = 0, -11, -10, -12
OUT_BYTES = 1 << 16
SIGNED_16 = 0xD0
MONO = 1


@cache
def _library() -> ctypes.CDLL:
    library = load_library("libmpg123.so.0", PACKAGE)
    library.mpg123_new.restype = ctypes.c_void_p
    for name, arguments in {
        "mpg123_open_feed": [ctypes.c_void_p],
        "mpg123_format_none": [ctypes.c_void_p],
        "mpg123_format": [ctypes.c_void_p, ctypes.c_long, ctypes.c_int, ctypes.c_int],
        "mpg123_delete": [ctypes.c_void_p],
        "mpg123_decode": [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t,
            ctypes.POINTER(ctypes.c_size_t),
        ],
        "mpg123_param": [ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_double],
    }.items():  # fmt: skip
        getattr(library, name).argtypes = arguments
    library.mpg123_init()
    return library


def decoded(file: bytes, rate_hz: int) -> NDArray[np.float32]:
    """A mono file of that rate -> float32 [N]. Raises CorpusError for another or a damaged one."""
    library = _library()
    handle = ctypes.c_void_p(library.mpg123_new(None, None))
    try:
        library.mpg123_param(handle, 1, 0x20, 0.0)  # quiet: what is wrong is raised, not printed
        library.mpg123_format_none(handle)
        library.mpg123_format(handle, rate_hz, MONO, SIGNED_16)
        library.mpg123_open_feed(handle)
        return _fed(library, handle, file)
    finally:
        library.mpg123_delete(handle)


def _fed(library: ctypes.CDLL, handle: ctypes.c_void_p, file: bytes) -> NDArray[np.float32]:
    out, made, parts = ctypes.create_string_buffer(OUT_BYTES), ctypes.c_size_t(), []
    source: bytes | None = file
    while True:
        size = len(source) if source else 0
        status = library.mpg123_decode(handle, source, size, out, OUT_BYTES, ctypes.byref(made))
        source = None
        parts.append(out.raw[: made.value])
        if status in (NEED_MORE, DONE):
            break
        if status not in (OK, NEW_FORMAT):
            raise CorpusError(f"no MP3 file that can be read (libmpg123 says {status})")
    samples = np.frombuffer(b"".join(parts), np.int16)
    if not len(samples):
        raise CorpusError("no MP3 file: nothing sounds in it")
    return samples.astype(np.float32) / 32768
