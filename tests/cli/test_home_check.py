"""`duplexsla home check`: what is there, what it can do, what a sentence comes to; nothing is moved."""

import asyncio
from argparse import Namespace
from pathlib import Path

import pytest
from tests.support.fake_hub import TOKEN, FakeHub

from duplexsla.cli.home_check import call_of, check
from duplexsla.errors import SettingError


def options(url: str, token: Path, *say: str) -> Namespace:
    return Namespace(
        homes_file=None, home_assistant=url, token_file=token, home="demo", say=list(say), room="bedroom"
    )


def test_a_home_is_listed_and_sentences_come_to_what_they_mean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "token").write_text(TOKEN)
    hub = FakeHub()

    async def checked() -> int:
        async with hub.running_at() as url:
            said = ("Turn on the kitchen light.", "light off", "unlock the front door", "open the moon")
            return await asyncio.to_thread(check, options(url, tmp_path / "token", *said))

    assert asyncio.run(checked()) == 1  # there is no moon
    told = capsys.readouterr().out
    assert "a speaker can name 4 things: 2 light, 1 lock, 1 sensor" in told
    assert "lock!, unlock!, query" in told  # with what is a risk marked
    assert '"Turn on the kitchen light.": turn_on light.kitchen, risk comfort' in told
    assert '"light off": turn_off light.bedroom, risk comfort' in told  # it is said in the bedroom
    assert '"unlock the front door": unlock lock.front_door, risk entry' in told
    assert "nothing is called 'moon'" in told
    assert hub.told == []


def test_a_check_needs_a_hub_and_its_token() -> None:
    with pytest.raises(SettingError):
        check(Namespace(homes_file=None, home_assistant="http://hub:8123", token_file=None, home="demo"))


def test_only_the_simplest_sentences_are_understood() -> None:
    assert call_of("kitchen light on") == ("open_home_device", {"device": "kitchen light"})
    assert call_of("what time is it") is None
