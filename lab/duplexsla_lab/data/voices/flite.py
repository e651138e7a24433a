"""Flite through ctypes: five American voices, in process. The library is not thread-safe."""

import ctypes
from collections.abc import Iterator

import numpy as np

from duplexsla_lab.data.voices.speech import SILENCE, Speech, at_model_rate, load_library

PACKAGE = "libflite1"
VOICES = ("slt", "rms", "awb", "kal16", "kal")
_SILENT = {"pau", "ssil", "brth", "h#"}
_MEAN_F0 = b"int_f0_target_mean"
_TOKEN_OF_SEGMENT = b"R:SylStructure.parent.parent.R:Token.parent"


class _Wave(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_char_p),
        ("rate_hz", ctypes.c_int),
        ("samples", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("pcm", ctypes.POINTER(ctypes.c_short)),
    ]


class _Voice(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("features", ctypes.c_void_p)]


_ITEM = ctypes.c_void_p
_PROTOTYPES = {
    "flite_init": (ctypes.c_int,),
    "flite_synth_text": (ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(_Voice)),
    "delete_utterance": (None, ctypes.c_void_p),
    "utt_wave": (ctypes.POINTER(_Wave), ctypes.c_void_p),
    "utt_relation": (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p),
    "relation_head": (_ITEM, ctypes.c_void_p),
    "item_next": (_ITEM, _ITEM),
    "path_to_item": (_ITEM, _ITEM, ctypes.c_char_p),
    "ffeature_string": (ctypes.c_char_p, _ITEM, ctypes.c_char_p),
    "ffeature_float": (ctypes.c_float, _ITEM, ctypes.c_char_p),
    "feat_present": (ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p),
    "feat_remove": (ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p),
    "feat_set_float": (None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_float),
    "get_param_float": (ctypes.c_float, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_float),
}


class Flite:
    """Speaks English text. Raises MissingSynthesizer when the Debian package is not there."""

    def __init__(self) -> None:
        self._lib = load_library("libflite.so.1", PACKAGE)
        load_library("libflite_usenglish.so.1", PACKAGE)
        load_library("libflite_cmulex.so.1", PACKAGE)
        for name, (result, *arguments) in _PROTOTYPES.items():
            function = getattr(self._lib, name)
            function.restype, function.argtypes = result, arguments
        self._lib.flite_init()
        self._voices = {name: self._load_voice(name) for name in VOICES}
        self._default_f0_hz = {name: self._mean_f0_hz(name) for name in VOICES}

    def speak(
        self, text: str, *, voice: str = "slt", stretch: float = 1.0, f0_hz: float | None = None
    ) -> Speech:
        """Speak text with a voice of VOICES, times stretch as slow; f0_hz None is the voice's own pitch.

        Raises ValueError for an unknown voice.
        """
        if voice not in self._voices:
            raise ValueError(f"flite has no voice {voice!r}: one of {', '.join(VOICES)}")
        features = self._voices[voice].contents.features
        self._lib.feat_set_float(features, b"duration_stretch", stretch)
        self._set_f0(features, f0_hz or self._default_f0_hz[voice])
        utterance = self._lib.flite_synth_text(text.encode("ascii", "ignore"), self._voices[voice])
        try:
            return self._speech(utterance, text.split())
        finally:
            self._lib.delete_utterance(utterance)

    def _speech(self, utterance: int, written: list[str]) -> Speech:
        wave = self._lib.utt_wave(utterance).contents
        pcm = np.ctypeslib.as_array(wave.pcm, (wave.samples,))
        phones, starts = self._segments(utterance)
        same = len(starts) == len(written)
        words = list(zip(starts, written, strict=True)) if same else _spread(starts, written)
        return Speech(at_model_rate(pcm.copy(), wave.rate_hz), words, phones)

    def _segments(self, utterance: int) -> tuple[list[tuple[float, str]], list[float]]:
        """The phones, and the start of every written token."""
        phones: list[tuple[float, str]] = []
        token_starts: list[float] = []
        start_s, last_token = 0.0, None
        for item in self._items(utterance, b"Segment"):
            name = self._lib.ffeature_string(item, b"name").decode()
            token = self._lib.path_to_item(item, _TOKEN_OF_SEGMENT)
            if token and token != last_token:
                token_starts.append(start_s)
                last_token = token
            phones.append((start_s, SILENCE if name in _SILENT else name))
            start_s = float(self._lib.ffeature_float(item, b"end"))
        return phones, token_starts

    def _items(self, utterance: int, relation: bytes) -> Iterator[int]:
        item = self._lib.relation_head(self._lib.utt_relation(utterance, relation))
        while item:
            yield item
            item = self._lib.item_next(item)

    def _load_voice(self, name: str) -> "ctypes._Pointer[_Voice]":
        register = getattr(load_library(f"libflite_cmu_us_{name}.so.1", PACKAGE), f"register_cmu_us_{name}")
        register.restype, register.argtypes = ctypes.POINTER(_Voice), [ctypes.c_char_p]
        return register(None)

    def _mean_f0_hz(self, name: str) -> float:
        """The voice's own setting; 0 where the pitch comes from the voice's statistics instead."""
        return float(self._lib.get_param_float(self._voices[name].contents.features, _MEAN_F0, 0.0))

    def _set_f0(self, features: int, f0_hz: float) -> None:
        if f0_hz:
            self._lib.feat_set_float(features, _MEAN_F0, f0_hz)
        elif self._lib.feat_present(features, _MEAN_F0):
            self._lib.feat_remove(features, _MEAN_F0)


def _spread(starts: list[float], written: list[str]) -> list[tuple[float, str]]:
    """Where flite cut the text into other tokens than its whitespace does: share the starts by rank."""
    if not starts or not written:
        return []
    ranks = np.linspace(0, len(starts) - 1, len(written))
    return list(zip(np.interp(ranks, np.arange(len(starts)), starts).tolist(), written, strict=True))
