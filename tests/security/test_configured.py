"""From the settings to the check at an edge: what does not fit together is named before anybody is served."""

import asyncio
import json
from pathlib import Path

import pytest

from duplexsla.errors import NotAuthenticated, SettingError
from duplexsla.runtime.service_settings import GatewaySettings
from duplexsla.runtime.settings import read
from duplexsla.security.access import AccessControl
from duplexsla.security.api_keys import new_api_key
from duplexsla.security.configured import access_control
from duplexsla.security.quotas import quotas_of

KEY, ENTRY = new_api_key("kitchen", "acme", ["h1"])
SPIFFE = "spiffe://home.example/satellite/hall"
HOLDER = {"id": "hall", "certificate": SPIFFE, "tenant": "acme", "homes": ["h1"], "scopes": ["converse"]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [ENTRY, HOLDER]}))
    return path


def configured(listen: str = "0.0.0.0:1", **given: str) -> AccessControl:
    texts = {f"DUPLEXSLA_{name.upper()}": text for name, text in given.items()}
    return access_control(read(GatewaySettings, texts), listen)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "AUTH_NONE_ANYWHERE"),
        ({"auth": "none,jwt"}, "alone"),
        ({"auth": "jwt"}, "DUPLEXSLA_AUTH_ISSUER"),
        ({"auth": "jwt", "auth_issuer": "i", "auth_audience": "a"}, "DUPLEXSLA_AUTH_KEYS"),
        ({"auth": "api-key"}, "DUPLEXSLA_AUTH_API_KEYS"),
        ({"auth": "certificate", "auth_api_keys": "/nowhere.json"}, "nowhere"),
        ({"auth": "password"}, "DUPLEXSLA_AUTH is 'password'"),
    ],
)
def test_what_does_not_fit_together_is_named(given: dict[str, str], told: str) -> None:
    with pytest.raises(SettingError, match=told):
        configured(**given)


def test_nobody_is_asked_on_a_loopback_address_or_where_that_is_said_aloud() -> None:
    assert configured("127.0.0.1:1").open_to_all
    assert configured(auth_none_anywhere="yes").open_to_all


def test_keys_and_certificates_come_from_one_file(file: Path) -> None:
    async def scenario() -> None:
        both = configured(auth="api-key,certificate", auth_api_keys=str(file))
        assert (await both.identify(f"Bearer {KEY}", "")).subject == "key:kitchen"
        assert (await both.identify("", "", ["dns:other", SPIFFE])).subject == "key:hall"
        for header, names in (("", ["spiffe://home.example/satellite/garage"]), ("Bearer dsla_hall_", [])):
            with pytest.raises(NotAuthenticated):
                await both.identify(header, "", names)
        keys_alone = configured(auth="api-key", auth_api_keys=str(file))
        with pytest.raises(NotAuthenticated):
            await keys_alone.identify("", "", [SPIFFE])

    asyncio.run(scenario())


def test_a_quota_of_no_kind_is_named() -> None:
    with pytest.raises(SettingError, match=r"street\.opens"):
        quotas_of({"street.opens": 1})
