"""A user's voice on its way: nothing moves in time, levels are as drawn, silence stays silent."""

from dataclasses import replace

import numpy as np
import pytest

from duplexsla_lab.data.acoustics.channel import (
    FRAME,
    SILENT_LEVEL,
    Acoustics,
    active_level,
    companded,
    degraded,
    echo,
    narrow_band,
    saturated,
    telephone,
)
from duplexsla_lab.data.acoustics.impulse_responses import Sound

OFF = Acoustics(room=0, noise=0, echo=0, channel=0, gain=0, clip=0, codec=0, lossy=0)
LINKS = ("room", "noise", "echo", "channel", "gain", "clip", "codec", "lossy")
ALL = Acoustics(**dict.fromkeys(LINKS, 1.0))  # type: ignore[arg-type]
KINDS = [kind for kind, _ in Acoustics().noise_kinds]
SECOND = 16_000


def drawn(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def speech(seed: int = 0, seconds: int = 4) -> Sound:
    """Bursts of 0.3 s with silence of 0.2 s between them, at an rms of 0.05 while they last."""
    count = seconds * SECOND
    sound = drawn(seed).standard_normal(count)
    sound[np.arange(count) % (SECOND // 2) >= SECOND * 3 // 10] = 0
    return (0.05 * sound).astype(np.float32)


def others() -> list[Sound]:
    return [speech(seed, 2) for seed in range(100, 108)]


def lags(acoustics: Acoustics, count: int) -> list[int]:
    said = [speech(seed, seconds=1) for seed in range(count)]
    return [peak_lag(degraded(each, drawn(i), acoustics), each) for i, each in enumerate(said)]


def peak_lag(heard: Sound, said: Sound) -> int:
    """Samples by which `heard` comes after `said`, where they agree best."""
    size = 2 * len(said)
    agreement = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)))
    at = int(np.argmax(np.abs(agreement)))
    return at if at < len(said) else at - size


@pytest.mark.parametrize("length", [1, FRAME - 1, FRAME + 1, 40_000, 100_001])
def test_length_and_type_stay_and_all_is_finite(length: int) -> None:
    for seed in range(4):
        heard = degraded(speech(seed, 7)[:length], drawn(seed), ALL, others=others())
        assert heard.shape == (length,) and heard.dtype == np.float32
        assert np.isfinite(heard).all() and np.abs(heard).max() <= 1


def test_nothing_of_nothing() -> None:
    assert len(degraded(np.zeros(0, np.float32), drawn(0), ALL)) == 0


def test_the_generator_decides_everything_and_the_input_stays_as_it_was() -> None:
    said = speech()
    kept = said.copy()
    first, again, other = (degraded(said, drawn(seed), ALL, others=others()) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert np.array_equal(said, kept)


def test_a_chain_without_links_changes_nothing() -> None:
    assert np.array_equal(degraded(speech(), drawn(0), OFF), speech())


@pytest.mark.parametrize("kind", KINDS)
def test_the_noise_stands_below_the_active_speech_as_drawn(kind: str) -> None:
    said = speech()
    for snr_db in (5.0, 30.0):
        links = replace(OFF, noise=1, noise_kinds=((kind, 1),), snr_db=(snr_db, snr_db))
        noise = degraded(said, drawn(3), links, others=others()) - said
        measured = 20 * np.log10(active_level(said) / np.sqrt(np.mean(np.square(noise, dtype=np.float64))))
        assert measured == pytest.approx(snr_db, abs=0.2)


def test_the_active_level_leaves_pauses_out() -> None:
    assert active_level(speech()) == pytest.approx(0.05, rel=0.03)
    assert active_level(np.zeros(1_000, np.float32)) == 0


def test_silence_stays_silent_but_for_noise() -> None:
    silence = np.zeros(SECOND, np.float32)
    for seed in range(20):
        assert not degraded(silence, drawn(seed), replace(ALL, noise=0)).any()
    loudest = degraded(silence, drawn(0), replace(OFF, noise=1, snr_db=(5.0, 5.0)))
    assert 0 < np.sqrt(np.mean(loudest**2)) < SILENT_LEVEL


def test_nothing_sounds_before_it_is_said() -> None:
    said = np.zeros(2 * SECOND, np.float32)
    said[SECOND:] = speech()[:SECOND]
    for seed in range(30):
        heard = degraded(said, drawn(seed), replace(ALL, noise=0))
        assert np.abs(heard[:SECOND]).max() < 1e-6 * np.abs(heard).max()


def test_what_is_said_later_changes_nothing_before_it() -> None:
    said, longer = speech(0), speech(0)
    longer[2 * SECOND :] = speech(1)[2 * SECOND :]
    links = replace(ALL, noise=0, clip=0)  # a clip's limit is a share of the whole track's peak
    for seed in range(10):
        before, after = (degraded(each, drawn(seed), links)[: 2 * SECOND] for each in (said, longer))
        assert np.allclose(before, after, atol=1e-6)


def test_the_direct_sound_of_a_room_does_not_move() -> None:
    assert lags(replace(OFF, room=1), 30) == [0] * 30


def test_no_chain_delays_by_a_millisecond_and_the_usual_one_by_a_sample() -> None:
    usual, worst = lags(Acoustics(), 60), lags(replace(ALL, noise=0), 30)
    assert all(0 <= lag <= SECOND // 1_000 for lag in usual + worst)
    assert np.median(usual) <= 1


def test_a_telephone_keeps_its_band_and_nothing_else() -> None:
    said = speech()
    before, after = (np.abs(np.fft.rfft(each)) ** 2 for each in (said, telephone(said)))
    hz = np.fft.rfftfreq(len(said), 1 / SECOND)
    inside, outside = (hz > 300) & (hz < 2_500), hz > 5_000
    assert 10 * np.log10(after[inside].sum() / before[inside].sum()) == pytest.approx(0, abs=1)
    assert after[outside].sum() / before[outside].sum() < 1e-3


def test_mu_law_is_exact_to_its_eight_bits() -> None:
    tone = (0.3 * np.sin(np.arange(SECOND) / 3)).astype(np.float32)
    wrong = companded(tone) - tone
    assert 35 < 20 * np.log10(np.std(tone) / np.std(wrong)) < 40  # G.711's 38 dB
    assert len(np.unique(companded(tone))) <= 255 and companded(np.zeros(1, np.float32))[0] == 0


def test_soft_clipping_keeps_quiet_sounds_and_bounds_loud_ones() -> None:
    ramp = np.linspace(-1, 1, 101, dtype=np.float32)
    assert np.abs(saturated(ramp, 0.5)).max() < 0.5
    assert np.allclose(saturated(ramp, 0.5)[48:53], ramp[48:53], atol=1e-3)


def test_lost_packets_are_few_and_whole() -> None:
    said = (0.1 + speech(0, 60) * 0).astype(np.float32)
    heard = degraded(said, drawn(5), replace(OFF, lossy=1, loss=(0.03, 0.03)))
    changed = (heard != said).reshape(-1, FRAME)
    assert np.array_equal(changed.any(axis=1), changed.all(axis=1))
    assert 0.015 < changed.mean() < 0.045


@pytest.mark.parametrize("band_hz", [4_000.0, 5_500.0])
def test_a_narrow_band_keeps_what_is_in_it(band_hz: float) -> None:
    said = speech()
    before, after = (np.abs(np.fft.rfft(each)) ** 2 for each in (said, narrow_band(said, band_hz)))
    hz = np.fft.rfftfreq(len(said), 1 / SECOND)
    inside, outside = hz < 0.8 * band_hz, hz > 1.35 * band_hz
    assert 10 * np.log10(after[inside].sum() / before[inside].sum()) == pytest.approx(0, abs=1)
    assert after[outside].sum() / before[outside].sum() < 1e-2


@pytest.mark.parametrize("level_db", [-30.0, -6.0])
@pytest.mark.parametrize("delay_s", [0.0, 0.4])
def test_an_echo_comes_late_at_its_level(level_db: float, delay_s: float) -> None:
    heard = echo(speech(), drawn(4), level_db=level_db, delay_s=delay_s)
    assert (np.abs(heard[: int(delay_s * SECOND)]) < 1e-6).all() and len(heard) == len(speech())
    assert 20 * np.log10(active_level(heard) / 0.05) == pytest.approx(level_db, abs=0.1)


def test_an_echo_that_comes_after_the_end_is_silent() -> None:
    assert not echo(speech()[:1_000], drawn(0), level_db=-6, delay_s=0.4).any()


def test_the_assistant_is_heard_only_while_it_speaks() -> None:
    silence, links = np.zeros(4 * SECOND, np.float32), replace(OFF, echo=1)
    assert not degraded(silence, drawn(0), links, assistant=silence).any()
    speaks = silence.copy()
    speaks[2 * SECOND :] = speech()[: 2 * SECOND]
    heard = degraded(silence, drawn(0), links, assistant=speaks)
    assert heard.any() and np.abs(heard[: 2 * SECOND]).max() < 1e-6
    assert not degraded(silence, drawn(0), links).any()


def test_nobody_babbles_or_is_on_television_where_there_is_nobody() -> None:
    links = replace(OFF, noise=1, noise_kinds=(("white", 1), ("babble", 50), ("television", 50)))
    with_nobody, white = (
        degraded(speech(), drawn(7), each) for each in (links, replace(links, noise_kinds=(("white", 1),)))
    )
    assert np.array_equal(with_nobody, white)
