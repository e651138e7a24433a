"""The check at an edge as its service's settings want it."""

from collections.abc import Sequence
from pathlib import Path

from duplexsla.errors import SettingError
from duplexsla.runtime.service_settings import AuthSettings
from duplexsla.security.access import AccessControl, check_open_door
from duplexsla.security.api_keys import ApiKeys
from duplexsla.security.bearer_tokens import BearerTokens
from duplexsla.security.key_set import KeySet, from_file, from_url
from duplexsla.security.principal import Authenticator
from duplexsla.security.quotas import Quotas
from duplexsla.security.tickets import Tickets

NONE, API_KEY, CERTIFICATE, JWT, TICKET = "none", "api-key", "certificate", "jwt", "ticket"


def access_control(
    settings: AuthSettings,
    listen: str,
    *,
    quotas: Quotas | None = None,
    tickets: Tickets | None = None,
) -> AccessControl:
    """SettingError for what does not fit together, and for an address `listen` that is open to strangers."""
    ways = settings.auth
    if NONE in ways:
        if len(ways) > 1:
            raise SettingError("environment variable DUPLEXSLA_AUTH: none stands alone")
        check_open_door(listen, anywhere=settings.auth_none_anywhere)
        return AccessControl(quotas=quotas)
    keys = ApiKeys(Path(_needed(settings.auth_api_keys, "API_KEYS"))) if _has_keys(ways) else None
    authenticators: list[Authenticator] = [keys] if keys is not None and API_KEY in ways else []
    if TICKET in ways:
        authenticators.append(tickets or Tickets())
    if JWT in ways:
        authenticators.append(_bearer_tokens(settings))
    return AccessControl(authenticators, quotas, certificates=keys if CERTIFICATE in ways else None)


def _has_keys(ways: Sequence[str]) -> bool:
    return API_KEY in ways or CERTIFICATE in ways


def _bearer_tokens(settings: AuthSettings) -> BearerTokens:
    issuer, audience = _needed(settings.auth_issuer, "ISSUER"), _needed(settings.auth_audience, "AUDIENCE")
    place = _needed(settings.auth_keys, "KEYS")
    fetch = from_url(place) if place.startswith(("https://", "http://")) else from_file(Path(place))
    return BearerTokens(KeySet(fetch), issuer=issuer, audience=audience)


def _needed(value: str, name: str) -> str:
    if not value:
        raise SettingError(f"environment variable DUPLEXSLA_AUTH_{name}: DUPLEXSLA_AUTH needs it")
    return value
