"""Settings from the environment, read by `__main__` modules alone. A missing or malformed one is named."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from duplexsla.errors import SettingError

T = TypeVar("T")


def setting(
    name: str, cast: Callable[[str], T], default: T | None = None, *, environ: Mapping[str, str] = os.environ
) -> T:
    """Value of DUPLEXSLA_<name>, cast; raises SettingError that names the variable and its type."""
    key = f"DUPLEXSLA_{name}"
    raw = environ.get(key)
    if raw is None or raw == "":
        if default is None:
            raise SettingError(f"{key} is not set and has no default")
        return default
    try:
        return cast(raw)
    except ValueError as error:
        raise SettingError(f"{key}={raw!r} is not a valid {getattr(cast, '__name__', 'value')}") from error


def kafka_security(path: str) -> dict[str, Any]:
    """TLS and passwords for Kafka: the JSON object in the file at `path`, kafka-python's security_protocol,
    ssl_* and sasl_* arguments. ValueError for anything else.
    """
    try:
        given = json.loads(Path(path).read_text())
    except OSError as error:
        raise ValueError(path) from error
    if not isinstance(given, dict) or any(
        key != "security_protocol" and not key.startswith(("ssl_", "sasl_")) for key in given
    ):
        raise ValueError(path)
    return given
