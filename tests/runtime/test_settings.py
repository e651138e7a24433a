"""Settings from their texts: what is taken, and how what is not is named."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from duplexsla.errors import SettingError
from duplexsla.gateway.decoders import load_shedding
from duplexsla.runtime.checkout import ROOT
from duplexsla.runtime.service_settings import (
    SERVICES,
    DecoderParameters,
    ExecutorSettings,
    GatewaySettings,
    HomeSettings,
)
from duplexsla.runtime.settings import (
    LOG_LEVEL,
    MODEL_PARAMETERS,
    SECONDS,
    TEXT,
    SettingKind,
    declare,
    described,
    read,
    settings_of,
    variable,
)

NEEDED = {
    "DUPLEXSLA_KAFKA": "kafka:9092",
    "DUPLEXSLA_REDIS_URL": "redis://redis:6379/0",
    "DUPLEXSLA_HOMES_URL": "http://home:8070",
}


def test_a_gateway_needs_nothing_set_and_an_empty_text_is_as_good_as_none() -> None:
    for given in ({}, {variable(name): "" for name, _ in settings_of(GatewaySettings)}):
        settings = read(GatewaySettings, given)
        assert (settings.listen, settings.decoders) == ("127.0.0.1:50051", ("127.0.0.1:8001",))
        assert (settings.redis_url, settings.kafka, settings.homes_url, settings.gateways) == ("", "", "", ())


def test_texts_become_values() -> None:
    given = {"DECODERS": "a:1, b:2", "SLOTS": "4", "TRACE_POLICY": "0.25", "RESUME_S": "1.5", "SHED": "0"}
    settings = read(GatewaySettings, {f"DUPLEXSLA_{name}": text for name, text in given.items()})
    assert settings.decoders == ("a:1", "b:2") and settings.slots == 4 and settings.shed == 0
    assert (settings.trace_policy, settings.resume_s) == (0.25, 1.5)
    assert read(HomeSettings, {"DUPLEXSLA_HOMES": "a, b"}).homes == ("a", "b")
    assert read(HomeSettings, {}).database == Path("homes.sqlite")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LISTEN", "nowhere"),
        ("LISTEN", "host:99999"),
        ("LISTEN", "host:-1"),
        ("DECODERS", "a:1,,b:2"),
        ("DECODER_SERVICE", "decoder"),
        ("SLOTS", "0"),
        ("SLOTS", "many"),
        ("DRAIN_S", "long"),
        ("DRAIN_S", "nan"),
        ("DRAIN_S", "inf"),
        ("DRAIN_S", "-1"),
        ("SHED", "5"),
        ("LOG", "loud"),
        ("TRACE_POLICY", "most"),
        ("TRACE_POLICY", "1.5"),
        ("TRACE_POLICY", "nan"),
        ("REDIS_URL", "http://redis"),
        ("HOMES_URL", "home:8070"),
        ("KAFKA", "kafka"),
        ("OTLP", "collector"),
        ("KAFKA_SECURITY", "/nowhere/security.json"),
    ],
)
def test_a_wrong_setting_is_named_with_its_source_and_what_is_allowed(name: str, value: str) -> None:
    with pytest.raises(SettingError) as refused:
        read(GatewaySettings, {f"DUPLEXSLA_{name}": value})
    allowed = dict(settings_of(GatewaySettings))[name.lower()].kind.allowed
    told = str(refused.value)
    assert f"environment variable DUPLEXSLA_{name} is " in told and told.endswith(f"; allowed: {allowed}")


def test_all_that_is_missing_or_wrong_is_named_at_once() -> None:
    with pytest.raises(SettingError) as refused:
        read(ExecutorSettings, {"DUPLEXSLA_LOG": "loud"})
    lines = str(refused.value).splitlines()
    assert len(lines) == 3
    assert [line for line in lines if "DUPLEXSLA_KAFKA is not set and has no default" in line]


def test_a_secret_is_not_told() -> None:
    with pytest.raises(SettingError) as refused:
        read(GatewaySettings, {"DUPLEXSLA_REDIS_URL": "redys://:hunter2@redis/0"})
    assert "hunter2" not in str(refused.value)


def test_a_parameter_of_the_model_is_named_as_one() -> None:
    with pytest.raises(SettingError, match="parameter in config.pbtxt slots is '0'; allowed: a whole number"):
        read(DecoderParameters, {"slots": "0"}, MODEL_PARAMETERS)


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_has_a_meaning_and_a_default_that_is_allowed(service: str) -> None:
    for name, setting in settings_of(SERVICES[service]):
        assert setting.meaning and setting.kind.allowed
        assert setting.default is None or setting.kind.parse(setting.default) is not None
        assert f"  {variable(name)} (" in described(SERVICES[service])


def test_the_parameters_and_defaults_of_the_model_s_configuration_are_those_of_the_table() -> None:
    config = (ROOT / "model_repository" / "duplexsla" / "config.pbtxt").read_text()
    stated = [
        f'parameters {{ key: "{name}" value: {{ string_value: "{setting.default}" }} }}'
        for name, setting in settings_of(DecoderParameters)
    ]
    assert [line for line in config.splitlines() if line.startswith("parameters")] == stated


def test_the_levels_of_shedding_are_those_that_the_gateway_knows() -> None:
    kind = dict(settings_of(GatewaySettings))["shed"].kind
    assert kind.parse(str(load_shedding.NOTHING)) == load_shedding.NOTHING
    assert kind.parse(str(load_shedding.ALL)) == load_shedding.ALL
    for beyond in (load_shedding.NOTHING - 1, load_shedding.ALL + 1):
        with pytest.raises(ValueError, match=str(beyond)):
            kind.parse(str(beyond))


def _security(folder: Path, text: str) -> dict[str, object]:
    path = folder / "security.json"
    path.write_text(text)
    given = NEEDED | {"DUPLEXSLA_KAFKA_SECURITY": str(path)}
    return read(ExecutorSettings, given).kafka_security


def test_kafka_s_certificates_and_passwords_come_from_a_file(tmp_path: Path) -> None:
    given = {"security_protocol": "SASL_SSL", "ssl_cafile": "/x/ca.crt", "sasl_plain_password": "secret"}
    assert _security(tmp_path, json.dumps(given)) == given


@pytest.mark.parametrize("text", ["", "[]", '"x"', '{"bootstrap_servers": "elsewhere:9092"}', '{"acks": 0}'])
def test_the_file_may_say_nothing_else(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingError, match="DUPLEXSLA_KAFKA_SECURITY"):
        _security(tmp_path, text)


def test_a_class_of_settings_says_all_there_is() -> None:
    @dataclass(frozen=True)
    class Small:
        name: str = declare(TEXT, None, "a name")
        wait_s: float = declare(SECONDS, "2", "a wait")
        log: str = declare(LOG_LEVEL, "info", "a level")
        word: str = declare(SettingKind("a", str, secret=True), "", "a word")

    assert read(Small, {"DUPLEXSLA_NAME": "x"}) == Small("x", 2.0, "info", "")
    assert [name for name, _ in settings_of(Small)] == ["name", "wait_s", "log", "word"]
