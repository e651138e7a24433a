from pathlib import Path

import pytest

from duplexsla.audio.wav import write_wav
from duplexsla.clock import CHUNK_BYTES
from duplexsla.errors import SettingError
from duplexsla_loadtest.mix import read_mix, shipped


def _wav(path: Path, samples: int = 4_000) -> None:
    path.parent.mkdir(exist_ok=True)
    write_wav(path, b"\x00\x10" * samples)


@pytest.mark.parametrize("name", shipped())
def test_every_mix_that_ships_can_be_read(name: str) -> None:
    mix = read_mix(name)
    assert mix.about and mix.kinds


def test_the_kinds_of_callers_that_an_operator_asks_for_ship() -> None:
    assert {"silence", "talk", "commands", "barge_in", "backchannel", "mixed"} <= set(shipped())


def test_a_mix_of_ones_own_with_ones_own_recordings(tmp_path: Path) -> None:
    _wav(tmp_path / "voices" / "one.wav")
    path = tmp_path / "mine.yaml"
    path.write_text("""
recordings: voices
length_s: {uniform: [10, 20]}
callers:
  asks: {share: 2, say: [{files: "o*", asks: lock_home_door}], pause_s: 3}
""")
    (kind,) = read_mix(str(path)).kinds
    (line,) = kind.say
    assert (kind.name, kind.share, line.asks, line.recording.name) == ("asks", 2.0, "lock_home_door", "one")
    assert {len(chunk) for chunk in line.recording.chunks} == {CHUNK_BYTES}
    assert line.recording.voice_ends_s == 0.25


def test_other_recordings_may_take_the_place_of_those_that_a_mix_names(tmp_path: Path) -> None:
    _wav(tmp_path / "other" / "thank_you_that_is_all.wav", 800)
    _wav(tmp_path / "other" / "talk_mine.wav", 800)
    lines = [line.recording.name for line in read_mix("talk", [tmp_path / "other"]).kinds[0].say]
    assert lines == ["talk_mine", "thank_you_that_is_all"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("callers: {a: {shares: 1}}", "no key shares"),
        ("caller: {}", "no key caller"),
        ("about: x", "callers is missing"),
        ("callers: {a: {share: many}}", "a: share"),
        ("callers: {a: {pause_s: {gauss: 1}}}", "a: pause_s: one of"),
        ("callers: {a: {pause_s: {uniform: 1}}}", "uniform takes 2"),
        ("callers: {a: {say: [nothing_*]}}", "no file nothing_"),
        ("callers: {a: {while_it_speaks: {after_s: 1}}}", "say is missing"),
        ("recordings: nowhere\ncallers: {a: {}}", "no folder nowhere"),
        ("callers: [", "mine.yaml"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(SettingError, match=says):
        read_mix(str(path))


def test_an_unknown_mix_is_answered_with_those_that_ship() -> None:
    with pytest.raises(SettingError, match="barge_in"):
        read_mix("nonsense")
