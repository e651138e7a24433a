import pytest

from duplexsla.errors import SettingError
from duplexsla.gateway.settings import KNOWN, read
from duplexsla.session.placement import DecoderAddress


def test_nothing_need_be_set() -> None:
    settings = read({})
    assert settings.decoders == (DecoderAddress("127.0.0.1:8001", 16),) and settings.slots == 16
    assert (settings.redis_url, settings.kafka, settings.homes_url) == ("", "", "")


def test_several_decoders_have_their_slots_each() -> None:
    settings = read({"DUPLEXSLA_DECODERS": "a:1, b:2", "DUPLEXSLA_SLOTS": "4"})
    assert settings.decoders == (DecoderAddress("a:1", 4), DecoderAddress("b:2", 4)) and settings.slots == 8


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LISTEN", "nowhere"),
        ("LISTEN", "host:99999"),
        ("DECODERS", "a:1,,b:2"),
        ("SLOTS", "0"),
        ("SLOTS", "many"),
        ("DRAIN_S", "long"),
        ("LOG", "loud"),
        ("TRACE_POLICY", "most"),
        ("KAFKA_SECURITY", "/nowhere/security.json"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"DUPLEXSLA_{name}"):
        read({f"DUPLEXSLA_{name}": value})


def test_every_setting_says_what_it_means() -> None:
    assert all(setting.meaning for setting in KNOWN)
