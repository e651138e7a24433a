"""Certificates of a server: read from files at each handshake, so that a renewed one needs no restart.

Streams that are open go on with what they were opened with. Files that cannot be used, or are half written,
leave the pair that was read before.
"""

import logging
import ssl
from pathlib import Path
from typing import NamedTuple

import grpc

from duplexsla.errors import SettingError

logger = logging.getLogger(__name__)


class CertificateFiles(NamedTuple):
    """In PEM. `clients`: the authority that signs callers' certificates; then every caller shows one."""

    certificate: Path
    key: Path
    clients: Path | None = None

    def stamp(self) -> tuple[tuple[int, int, int], ...]:
        """Changes when a file does, also behind a link. OSError."""
        found = [path.stat() for path in self if path is not None]
        return tuple((each.st_mtime_ns, each.st_ino, each.st_size) for each in found)

    def read(self) -> tuple[bytes, bytes, bytes | None]:
        """Raises OSError for files that do not fit together, or change meanwhile (ssl.SSLError is one)."""
        before = self.stamp()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        if self.clients is not None:
            context.load_verify_locations(self.clients)
        clients = self.clients.read_bytes() if self.clients is not None else None
        read = self.certificate.read_bytes(), self.key.read_bytes(), clients
        if self.stamp() != before:
            raise OSError("the files change just now")
        return read


class ServerCertificates:
    def __init__(self, files: CertificateFiles) -> None:
        """SettingError for files that cannot be used."""
        self._files = files
        self.renewals = 0
        try:
            self._stamp = files.stamp()
            self._first = _configuration(*files.read())
        except OSError as error:
            raise SettingError(f"certificate {files.certificate}: {error}") from error

    def grpc_credentials(self) -> grpc.ServerCredentials:
        return grpc.dynamic_ssl_server_credentials(
            self._first, self._renewed, require_client_authentication=self._files.clients is not None
        )

    def _renewed(self) -> grpc.ServerCertificateConfiguration | None:
        """Asked by gRPC before each handshake, on a thread of its own; None: as before."""
        try:
            stamp = self._files.stamp()
            if stamp == self._stamp:
                return None
            renewed = _configuration(*self._files.read())
        except OSError as error:
            logger.error("certificate_not_read path=%s error=%s", self._files.certificate, error)
            return None
        self._stamp, self.renewals = stamp, self.renewals + 1
        logger.info("certificate_renewed path=%s", self._files.certificate)
        return renewed


def _configuration(
    certificate: bytes, key: bytes, clients: bytes | None
) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(key, certificate)], clients)
