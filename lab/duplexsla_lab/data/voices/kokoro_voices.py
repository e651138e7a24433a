"""Kokoro's voices: 54 as published, and mixtures of them that are speakers of their own.

A voice is a table of style vectors, float32 [510, 256], one row for each number of phonemes: the first half
is timbre, the second prosody. A mixture draws both apart, from the voices that train alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Styles = NDArray[np.float32]

_NAMES = """
    af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nicole af_nova af_river af_sarah af_sky am_adam
    am_echo am_eric am_fenrir am_liam am_michael am_onyx am_puck am_santa bf_alice bf_emma bf_isabella bf_lily
    bm_daniel bm_fable bm_george bm_lewis ef_dora em_alex em_santa ff_siwis hf_alpha hf_beta hm_omega hm_psi
    if_sara im_nicola jf_alpha jf_gongitsune jf_nezumi jf_tebukuro jm_kumo pf_dora pm_alex pm_santa zf_xiaobei
    zf_xiaoni zf_xiaoxiao zf_xiaoyi zm_yunjian zm_yunxi zm_yunxia zm_yunyang
"""
STOCK = tuple(_NAMES.split())
"""The first letter is the language (a: American, b: British English), the second f for women, m for men."""
ASSISTANT_VOICE = "af_heart"  # never a user's, and in no mixture
HELD_OUT_KOKORO = (
    "am_puck", "bm_george", "bf_emma", "af_nicole", "hm_omega", "zf_xiaobei", "am_onyx", "if_sara"
)  # fmt: skip
TRAIN_KOKORO = tuple(name for name in STOCK if name not in (*HELD_OUT_KOKORO, ASSISTANT_VOICE))

TIMBRE, PROSODY = slice(0, 128), slice(128, 256)
MIXTURES = 150
CONCENTRATION = 1.0  # of the Dirichlet weights: even over all weights
EXTRAPOLATION = 1.25  # of the weights away from even: to the edge of what the voices span and beyond
NEAREST = 0.3  # least distance of two speakers' timbre, against the mean distance of two stock voices
DRAWS = 100  # for each mixture that is wanted
PROBE_ROW = 30  # phonemes: a short request


@dataclass(frozen=True, slots=True)
class Mixture:
    """Voices with weights that sum to 1; below 0 and above 1 they extrapolate."""

    timbre: tuple[tuple[str, float], ...]
    prosody: tuple[tuple[str, float], ...]

    @property
    def british(self) -> bool:
        """Whether most of its prosody is British: its dialect, too."""
        return sum(weight for name, weight in self.prosody if name.startswith("b")) > 0.5


def draw_mixture(rng: np.random.Generator, names: Sequence[str] = TRAIN_KOKORO) -> Mixture:
    def part() -> tuple[tuple[str, float], ...]:
        count = int(rng.integers(2, 4))
        chosen = rng.choice(len(names), count, replace=False)
        even = 1 / count
        weights = EXTRAPOLATION * (rng.dirichlet(np.full(count, CONCENTRATION)) - even) + even
        return tuple((names[i], float(weight)) for i, weight in zip(chosen, weights, strict=True))

    return Mixture(part(), part())


def mixed(mixture: Mixture, styles: Mapping[str, Styles]) -> Styles:
    """The style table [510, 256] of a mixture."""
    halves = ((TIMBRE, mixture.timbre), (PROSODY, mixture.prosody))
    parts = [
        sum(np.float32(weight) * styles[name][:, half] for name, weight in part) for half, part in halves
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def distinct_mixtures(
    styles: Mapping[str, Styles], count: int = MIXTURES, *, seed: int = 7
) -> dict[str, Mixture]:
    """Mixtures "mix-000" onwards, each at a distance from every stock voice and all mixtures before it: a
    speaker of its own. More of them keep the names and sounds of fewer. ValueError when there is no room.
    """
    rng = np.random.default_rng(seed)
    stock = np.stack([_timbre(styles[name]) for name in STOCK])
    scale = stock.std(axis=0) + 1e-6
    least = NEAREST * float(np.mean(_distances(stock / scale)))
    apart = list(stock / scale)
    found: dict[str, Mixture] = {}
    for _ in range(DRAWS * count):
        if len(found) == count:
            return found
        mixture = draw_mixture(rng)
        timbre = _timbre(mixed(mixture, styles)) / scale
        if min(float(np.linalg.norm(timbre - other)) for other in apart) >= least:
            apart.append(timbre)
            found[f"mix-{len(found):03d}"] = mixture
    raise ValueError(f"only {len(found)} of {count} mixtures are speakers of their own")


def _timbre(style: Styles) -> NDArray[np.float32]:
    return style[PROBE_ROW, TIMBRE]


def _distances(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of every pair of rows [n, d] -> [n (n - 1) / 2]."""
    first, second = np.triu_indices(len(points), 1)
    return np.asarray(np.linalg.norm(points[first] - points[second], axis=1))
