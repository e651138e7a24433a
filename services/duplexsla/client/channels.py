"""Connections to gateways, opened on first use; encrypted where the client says so."""

from pathlib import Path
from typing import NamedTuple

import grpc

from duplexsla.client.stream import MAX_FRAME_BYTES
from duplexsla.errors import SettingError

OPTIONS = (
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.bdp_probe", 0),  # or seconds of sound pile up unread, and what is heard is old
    ("grpc.http2.lookahead_bytes", MAX_FRAME_BYTES),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)


class ClientTls(NamedTuple):
    """Files in PEM. `authority`: whose signature gateways show; None: those that the system trusts.

    `certificate` and `key` are the client's own, where gateways ask for one.
    """

    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        """As the files are now; SettingError when one cannot be read."""
        try:
            authority, certificate, key = (path.read_bytes() if path else None for path in self)
        except OSError as error:
            raise SettingError(f"certificates in {error.filename}: {error.strerror}") from error
        return grpc.ssl_channel_credentials(authority, key, certificate)


class Channels:
    def __init__(self, tls: ClientTls | None = None) -> None:
        """Without `tls` what is said travels in clear."""
        self._tls = tls
        self._by_address: dict[str, grpc.aio.Channel] = {}

    def to(self, address: str) -> grpc.aio.Channel:
        """One for each host:port."""
        if address not in self._by_address:
            self._by_address[address] = self._opened(address)
        return self._by_address[address]

    def _opened(self, address: str) -> grpc.aio.Channel:
        if self._tls is None:
            return grpc.aio.insecure_channel(address, options=OPTIONS)
        return grpc.aio.secure_channel(address, self._tls.credentials(), options=OPTIONS)

    async def close(self) -> None:
        for channel in self._by_address.values():
            await channel.close()
