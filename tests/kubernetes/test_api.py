"""The way to the Kubernetes API."""

import pytest

from duplexsla.errors import SettingError
from duplexsla.kubernetes.api import connect


def test_outside_of_a_pod_the_api_must_be_named() -> None:
    with pytest.raises(SettingError, match="DUPLEXSLA_KUBERNETES_API"):
        connect()
