"""An authority of this machine's own, and certificates that it signs: for trials and tests."""

import ipaddress
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from duplexsla.security.api_keys import new_api_key
from duplexsla.security.principal import EVERYTHING, SCOPES

LIVES = timedelta(days=30)
EARLIER = timedelta(minutes=5)  # for clocks that differ
LOCAL = ("localhost", "127.0.0.1")
TENANT = "local"


class Authority:
    """Its key stays in this process's memory."""

    def __init__(self, name: str = "duplexsla local authority") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        builder = _builder(self._name, self._name, self._key.public_key())
        self._certificate = builder.add_extension(constraints, critical=True).sign(self._key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, folder: Path, name: str, names: Sequence[str] = LOCAL) -> tuple[Path, Path]:
        """Files of a certificate and its key, NAME.pem and NAME.key. `names`: hosts, IP addresses, URIs."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        builder = _builder(subject, self._name, key.public_key())
        alternatives = x509.SubjectAlternativeName([_alternative(each) for each in names])
        signed = builder.add_extension(alternatives, critical=False).sign(self._key, hashes.SHA256())
        certificate, secret = folder / f"{name}.pem", folder / f"{name}.key"
        _write(certificate, signed.public_bytes(serialization.Encoding.PEM))
        _write(secret, key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ))  # fmt: skip
        return certificate, secret


def write_authority(folder: Path) -> tuple[Authority, Path]:
    """A new authority, and the file with its certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    authority, path = Authority(), folder / "authority.pem"
    _write(path, authority.pem)
    return authority, path


class LocalAccess(NamedTuple):
    """Files with which a system on this machine asks its callers, and its callers answer."""

    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"

    @property
    def keys(self) -> Path:
        return self.folder / "api_keys.json"

    @property
    def token(self) -> str:
        """As `duplexsla call --token` takes it."""
        return f"@{self.folder / 'token'}"

    def settings(self) -> dict[str, str]:
        """Of a gateway, without their prefix."""
        return {
            "TLS_CERTIFICATE": str(self.folder / "gateway.pem"),
            "TLS_KEY": str(self.folder / "gateway.key"),
            "AUTH": "api-key",
            "AUTH_API_KEYS": str(self.keys),
        }


def make_access(folder: Path) -> LocalAccess:
    """A new authority, a certificate for gateways, and an API key for all homes of the tenant TENANT."""
    access = LocalAccess(folder)
    authority, _ = write_authority(folder)
    authority.issue(folder, "gateway")
    key, entry = new_api_key("local", TENANT, [EVERYTHING], scopes=SCOPES)
    _write(access.keys, json.dumps({"keys": [entry]}).encode())
    _write(folder / "token", key.encode())
    return access


def access_in(folder: Path) -> LocalAccess | None:
    """What `make_access` left there; None where callers are asked nothing."""
    access = LocalAccess(folder)
    return access if access.keys.exists() else None


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - EARLIER).not_valid_after(now + LIVES)


def _alternative(name: str) -> x509.GeneralName:
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, content: bytes) -> None:
    """In one step, readable by its owner."""
    part = path.with_name(f".{path.name}.part")
    part.touch(mode=0o600)
    part.write_bytes(content)
    os.replace(part, path)
