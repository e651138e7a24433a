"""Keys that are made are let in, and once they are revoked they are not; the file holds none of them."""

import asyncio
import json
from pathlib import Path

import pytest

from duplexsla.__main__ import main
from duplexsla.errors import NotAuthenticated
from duplexsla.security.api_keys import ApiKeys

NOW = 1_800_000_000.0


def test_a_key_comes_in_until_it_is_revoked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "keys.json"
    add = [
        "admin",
        "add",
        "--keys",
        str(file),
        "kitchen",
        "--tenant",
        "acme",
        "--home",
        "h*",
        "--scope",
        "act",
    ]
    assert main(add) == 0
    name, key = capsys.readouterr().out.split()
    assert name == "kitchen" and key not in file.read_text() and file.stat().st_mode & 0o077 == 0
    keys = ApiKeys(file)
    principal = asyncio.run(keys.principal(key, now=NOW))
    assert (principal.tenant, principal.homes, principal.scopes) == ("acme", ("h*",), {"act"})
    assert main(["admin", "revoke", "--keys", str(file), "kitchen"]) == 0
    with pytest.raises(NotAuthenticated, match="revoked"):
        asyncio.run(keys.principal(key, now=NOW + 5))
    assert main(["admin", "list", "--keys", str(file)]) == 0
    assert "hash" not in capsys.readouterr().out


def test_many_come_from_a_file_or_none_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, lines = tmp_path / "keys.json", tmp_path / "lines.jsonl"
    good = [{"id": f"s{n}", "tenant": "acme", "homes": [f"h{n}"]} for n in range(3)]
    good.append({"id": "hall", "tenant": "acme", "homes": ["h1"], "certificate": "spiffe://acme/hall"})
    lines.write_text("\n".join(json.dumps(each) for each in good))
    assert main(["admin", "import", "--keys", str(file), str(lines)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    before = file.read_text()
    lines.write_text(json.dumps({"id": "new", "tenant": "../x", "homes": []}) + "\n" + json.dumps(good[0]))
    assert main(["admin", "import", "--keys", str(file), str(lines)]) != 0
    assert file.read_text() == before
    holder = ApiKeys(file).of_certificate(["spiffe://acme/hall"], now=NOW)
    assert holder.subject == "key:hall"
