"""eSpeak NG through ctypes: hundreds of accents and variants. One engine per process, one thread."""

import ctypes
import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from duplexsla_lab.data.voices.speech import SILENCE, MissingSynthesizer, Speech, at_model_rate, load_library

PACKAGE = "libespeak-ng1"
_RETRIEVAL, _PHONE_EVENTS, _DO_NOT_EXIT = 1, 1, 0x8000
_RATE, _PITCH, _RANGE = 1, 3, 4
_WORD, _PHONE = 1, 7
_BY_CHARACTER, _UTF8 = 1, 1
_PALATAL = ";"  # a mark on the phone before it, no phone of its own
_INTERPOLATED_SHARE = 0.6  # of the gap that merged words share: the last word of a merger is the longest

_SAME_IN_BOTH = "b d f g k l m n p r s t v w z"
_TABLE = """
    D=dh T=th S=sh Z=zh tS=ch dZ=jh N=ng h=hh j=y ?=t x=k C=hh *=t l^=l @=ax @2=ax @5=ax a#=ax I2=ih
    I=ih i=iy E=eh e=eh E2=eh a=ae A=aa 0=aa Q=aa V=ah O=ao o=ow U=uh u=uw 3=er eI=ey aI=ay OI=oy
    aU=aw oU=ow @U=ow V@=ah A@=aa+r O@=ao+r o@=ao+r e@=eh+r i@=ih+r U@=uh+r aI@=ay+er aU@=aw+er
    @L=ax+l IR=er VR=er n-=ax+n m-=ax+m i@3=ih+r aI3=ay+er ju=y+uw i2=iy u2=uw y=uw Y=uw W=er R=r
    B=v Q^=g c=k J=y w#=w E#=eh
"""
_MNEMONICS = {
    **{name: (name,) for name in _SAME_IN_BOTH.split()},
    **{name: tuple(phones.split("+")) for name, phones in (entry.split("=") for entry in _TABLE.split())},
}


class _Identity(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("message", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Identity),
    ]


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@cache
def _initialized() -> tuple[ctypes.CDLL, int]:
    """The library and its sample rate. Once a process: a second initialization makes it hang."""
    library = load_library("libespeak-ng.so.1", PACKAGE)
    rate_hz = library.espeak_Initialize(_RETRIEVAL, 0, None, _PHONE_EVENTS | _DO_NOT_EXIT)
    if rate_hz <= 0:
        raise MissingSynthesizer("espeak-ng found no data: apt-get install espeak-ng-data")
    return library, rate_hz


class Espeak:
    """Speaks English text. Raises MissingSynthesizer when the Debian package is not there."""

    def __init__(self) -> None:
        self._lib, self._rate_hz = _initialized()
        self._pcm: list[NDArray[np.int16]] = []
        self._words: list[tuple[float, int]] = []
        self._phones: list[tuple[float, str]] = []
        self._callback = _CALLBACK(self._receive)

    def speak(
        self, text: str, *, voice: str = "en-us", rate_wpm: int = 175, pitch: int = 50, pitch_range: int = 50
    ) -> Speech:
        """Speak text with a voice and variant such as "en-us+f3"; pitch and pitch_range are 0..100.

        Raises ValueError for an unknown voice.
        """
        self._use(voice, rate_wpm, pitch, pitch_range)
        self._pcm, self._words, self._phones = [], [], []
        plain = text.encode("ascii", "replace")
        size = ctypes.c_size_t(len(plain) + 1)
        self._lib.espeak_Synth(plain, size, 0, _BY_CHARACTER, 0, _UTF8, None, None)
        self._lib.espeak_Synchronize()
        pcm = np.concatenate(self._pcm) if self._pcm else np.zeros(1, np.int16)
        samples = at_model_rate(pcm, self._rate_hz)
        end_s = self._phones[-1][0] if self._phones else 0.0
        words = written_word_starts(text, self._words, end_s)
        return Speech(samples, words, common_phones(self._phones))

    def _use(self, voice: str, rate_wpm: int, pitch: int, pitch_range: int) -> None:
        self._lib.espeak_SetSynthCallback(self._callback)  # another Espeak may have spoken since
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        for parameter, value in ((_RATE, rate_wpm), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._lib.espeak_SetParameter(parameter, int(value), 0)

    def _receive(
        self, pcm: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]"
    ) -> int:
        if pcm and count > 0:
            self._pcm.append(np.ctypeslib.as_array(pcm, (count,)).copy())
        index = 0
        while events[index].type:
            event = events[index]
            if event.type == _WORD:
                self._words.append((event.audio_ms / 1000, event.text_position - 1))
            elif event.type == _PHONE:
                self._phones.append((event.audio_ms / 1000, event.id.string.decode("utf-8", "ignore")))
            index += 1
        return 0


def written_word_starts(text: str, events: list[tuple[float, int]], end_s: float) -> list[tuple[float, str]]:
    """A start for every written word, from events (start in seconds, character position).

    espeak merges words such as "in the" into one event: a word without one shares the gap to the next.
    """
    spans = [(match.start(), match.end()) for match in re.finditer(r"\S+", text)]
    known: dict[int, float] = {}
    for start_s, position in events:
        index = next((i for i, (first, last) in enumerate(spans) if first <= position < last), None)
        if index is not None:
            known.setdefault(index, start_s)
    starts: list[float] = []
    for index in range(len(spans)):
        starts.append(known[index] if index in known else _between(index, starts, known, len(spans), end_s))
    starts = np.maximum.accumulate(starts).tolist() if starts else []
    return list(zip(starts, text.split(), strict=True))


def _between(index: int, starts: list[float], known: dict[int, float], words: int, end_s: float) -> float:
    following = next((i for i in range(index, words) if i in known), words)
    before_s = starts[-1] if starts else 0.0
    after_s = known.get(following, end_s)
    return before_s + max(0.0, after_s - before_s) * _INTERPOLATED_SHARE / (following - index + 1)


def common_phones(events: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """espeak's mnemonics as phones of PHONES; one that stands for two phones shares its time."""
    phones: list[tuple[float, str]] = []
    events = [event for event in events if event[1] != _PALATAL]
    for index, (start_s, mnemonic) in enumerate(events):
        names = _phones_of(mnemonic)
        end_s = events[index + 1][0] if index + 1 < len(events) else start_s
        step_s = (end_s - start_s) / len(names)
        phones += [(start_s + step_s * i, name) for i, name in enumerate(names)]
    return phones


def _phones_of(mnemonic: str) -> tuple[str, ...]:
    bare = re.sub(r"[:'|,;`~/%!=]", "", mnemonic)
    if not bare or bare.startswith("_"):
        return (SILENCE,)
    candidates = (bare, bare.rstrip("0123456789#^-"), bare[:2], bare[:1])
    return next((_MNEMONICS[name] for name in candidates if name in _MNEMONICS), ("ax",))
