"""API keys: found by their hash alone, revoked without a restart."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from duplexsla.errors import NotAuthenticated, SettingError
from duplexsla.security.api_keys import LOOK_S, ApiKeys, new_api_key
from duplexsla.security.principal import Principal

NOW = 1_800_000_000.0


def _write(path: Path, *entries: dict[str, Any]) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps({"keys": entries}))
    beside.replace(path)


def _who(keys: ApiKeys, secret: str, now: float = NOW) -> Principal:
    assert keys.accepts(secret)
    return asyncio.run(keys.principal(secret, now=now))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_a_key_tells_whose_it_is_and_the_file_does_not_tell_the_key(path: Path) -> None:
    secret, entry = new_api_key("kitchen", "acme", ["h1"], scopes=["converse", "act"])
    _write(path, entry)
    found = _who(ApiKeys(path), secret)
    assert (found.subject, found.tenant, found.homes) == ("key:kitchen", "acme", ("h1",))
    assert found.scopes == {"converse", "act"}
    assert secret.partition("kitchen_")[2] not in path.read_text()


def test_a_key_is_revoked_while_the_service_runs(path: Path) -> None:
    secret, entry = new_api_key("kitchen", "acme", ["h1"])
    _write(path, entry)
    keys = ApiKeys(path)
    _who(keys, secret)
    _write(path, {**entry, "revoked": True})
    with pytest.raises(NotAuthenticated) as refused:
        _who(keys, secret, NOW + LOOK_S)
    assert refused.value.reason == "revoked"
    _write(path)
    with pytest.raises(NotAuthenticated, match="no such"):
        _who(keys, secret, NOW + 2 * LOOK_S)


def test_a_wrong_secret_and_a_wrong_id_are_told_in_the_same_words(path: Path) -> None:
    secret, entry = new_api_key("kitchen", "acme", ["h1"])
    _write(path, entry)
    keys = ApiKeys(path)
    told = []
    for wrong in (
        secret + "x",
        secret.replace("kitchen", "bedroom"),
        "dsla_",
        "dsla_kitchen_",
        "dsla_\ud800_a",
    ):
        with pytest.raises(NotAuthenticated) as refused:
            _who(keys, wrong)
        told.append((str(refused.value), refused.value.reason))
    assert len(set(told)) == 1


def test_whoever_tries_secrets_is_not_told_which_ids_were_revoked(path: Path) -> None:
    _, entry = new_api_key("kitchen", "acme", ["h1"])
    _write(path, {**entry, "revoked": True})
    with pytest.raises(NotAuthenticated, match="no such"):
        _who(ApiKeys(path), "dsla_kitchen_guess")


def test_a_key_expires(path: Path) -> None:
    secret, entry = new_api_key("kitchen", "acme", ["h1"], expires_at=NOW)
    _write(path, entry)
    assert _who(ApiKeys(path), secret, NOW - 1).expires_at == NOW
    with pytest.raises(NotAuthenticated, match="expired"):
        _who(ApiKeys(path), secret, NOW)


def test_a_damaged_file_leaves_the_keys_that_were_read(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret, entry = new_api_key("kitchen", "acme", ["h1"])
    _write(path, entry)
    keys = ApiKeys(path)
    path.write_text('{"keys": [')
    assert _who(keys, secret, NOW + LOOK_S)
    path.unlink()
    assert _who(keys, secret, NOW + 2 * LOOK_S)
    assert "file_rejected" in caplog.text and secret not in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "a b"},
        {"id": 7},
        {"tenant": "a/b"},
        {"homes": ["../x"]},
        {"homes": 7},
        {"scopes": ["fly"]},
        {"salt": "00"},
        {"hash": "zz"},
        {"revoked": "no"},
        {"expires_at": "tomorrow"},
        {"color": "red"},
    ],
)
def test_a_wrong_entry_ends_the_start_and_is_named(path: Path, wrong: dict[str, Any]) -> None:
    _, entry = new_api_key("kitchen", "acme", ["h1"])
    _write(path, {**entry, **wrong})
    with pytest.raises(SettingError, match="key 0"):
        ApiKeys(path)


def test_one_id_is_one_key(path: Path) -> None:
    _write(path, new_api_key("kitchen", "acme", ["h1"])[1], new_api_key("kitchen", "other", ["h2"])[1])
    with pytest.raises(SettingError, match="second time"):
        ApiKeys(path)
