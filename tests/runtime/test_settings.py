import json
from pathlib import Path

import pytest

from duplexsla.errors import SettingError
from duplexsla.runtime.settings import kafka_security, setting


def _read(folder: Path, text: str) -> dict[str, object]:
    path = folder / "security.json"
    path.write_text(text)
    return setting("KAFKA_SECURITY", kafka_security, {}, environ={"DUPLEXSLA_KAFKA_SECURITY": str(path)})


def test_kafka_s_certificates_and_passwords_come_from_a_file(tmp_path: Path) -> None:
    given = {"security_protocol": "SASL_SSL", "ssl_cafile": "/x/ca.crt", "sasl_plain_password": "secret"}
    assert _read(tmp_path, json.dumps(given)) == given


@pytest.mark.parametrize("text", ["", "[]", '"x"', '{"bootstrap_servers": "elsewhere:9092"}', '{"acks": 0}'])
def test_the_file_may_say_nothing_else(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingError, match="DUPLEXSLA_KAFKA_SECURITY"):
        _read(tmp_path, text)
