"""The format of one client's stream: which ones are served, and what is sent and received in it.

A session's sound is 16 kHz, mono, 16 bits wherever it is not a client's; a stream that resumes it may have
another format.
"""

from duplexsla.audio import formats
from duplexsla.audio.conversion import InputConverter, OutputConverter, delay_us
from duplexsla.clock import SAMPLE_RATE
from duplexsla.enum_names import enum_name
from duplexsla.session.audio_input import Chunker
from duplexsla.v1.session_pb2 import ENCODING_PCM_S16LE, AudioFormat, ConverseResponse, Encoding

FORMAT = AudioFormat(encoding=ENCODING_PCM_S16LE, sample_rate_hz=SAMPLE_RATE, channels=1)


def check_format(audio: AudioFormat) -> None:
    """AudioError for a format that is not served; it lists what is."""
    formats.check(*_named(audio))


class ClientSound:
    """Of one stream, both ways; `audio` is a format that is served."""

    def __init__(self, audio: AudioFormat) -> None:
        self._audio = audio
        self._output: OutputConverter | None = None
        if audio == FORMAT:
            self.chunker = Chunker()
            return
        self._output = OutputConverter(*_named(audio))
        self.chunker = Chunker(InputConverter(*_named(audio)))

    def outgoing(self, message: ConverseResponse) -> ConverseResponse:
        """The message in the client's format: a copy where that differs. Chunks come in order, each once."""
        if self._output is None:
            return message
        copy = ConverseResponse()
        if message.HasField("opened"):
            copy.CopyFrom(message)
            copy.opened.audio.CopyFrom(self._audio)
            copy.opened.format_delay_us = delay_us(self._audio.sample_rate_hz)
        elif message.HasField("chunk"):
            copy.CopyFrom(message)
            copy.chunk.sound = self._output.push_chunk(message.chunk.sound)
        else:
            return message
        return copy


def _named(audio: AudioFormat) -> tuple[str, int, int]:
    """Encoding, rate in Hz, channels."""
    return enum_name(Encoding, audio.encoding), audio.sample_rate_hz, audio.channels
