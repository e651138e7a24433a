"""A service that starts: with its settings, or not at all."""

import pytest

from duplexsla.errors import SettingError
from duplexsla.executor.__main__ import main as executor
from duplexsla.gateway.__main__ import main as gateway
from duplexsla.home.__main__ import main as home
from duplexsla.kubernetes.deletion_cost.__main__ import main as deletion_cost
from duplexsla.runtime.service_settings import SERVICES, HomeSettings
from duplexsla.runtime.settings import settings_of, variable
from duplexsla.runtime.startup import EXIT_WRONG_SETTING, start

MAINS = {"gateway": gateway, "executor": executor, "home": home, "deletion-cost": deletion_cost}


@pytest.mark.parametrize("service", MAINS)
def test_help_explains_every_setting(
    service: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", [service, "--help"])
    with pytest.raises(SystemExit) as end:
        MAINS[service]()
    text = capsys.readouterr().out
    assert end.value.code == 0
    for name, _ in settings_of(SERVICES[service]):
        assert f"  {variable(name)} (" in text


@pytest.mark.parametrize("service", MAINS)
def test_a_wrong_setting_is_named_and_ends_the_process_with_2(
    service: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", [service])
    monkeypatch.setenv("DUPLEXSLA_LISTEN", "nowhere")
    assert MAINS[service]() == EXIT_WRONG_SETTING
    told = capsys.readouterr().err
    assert "environment variable DUPLEXSLA_LISTEN is 'nowhere'; allowed: host:port" in told


def test_what_turns_out_to_be_wrong_later_ends_it_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    def serve(settings: HomeSettings) -> int:
        raise SettingError("no such home")

    assert start("duplexsla.home", HomeSettings, serve) == EXIT_WRONG_SETTING
    assert capsys.readouterr().err == "duplexsla.home: no such home\n"
    assert start("duplexsla.home", HomeSettings, lambda settings: 3) == 3
