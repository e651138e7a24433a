"""Certificates of the edge: renewed under open streams; who has none of ours, or another's, gets nothing."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.support.gateway_process import world

from duplexsla.client import connect
from duplexsla.client.channels import ClientTls
from duplexsla.errors import NotAuthenticated, Retriable, SettingError
from duplexsla.local.authority import Authority, write_authority
from duplexsla.security.access import AccessControl
from duplexsla.security.api_keys import ApiKeys
from duplexsla.security.tls import CertificateFiles, ServerCertificates

CHUNK = bytes(range(256)) * 20
HALL = "spiffe://acme.example/satellite/hall"


def test_a_renewed_certificate_counts_for_new_connections_and_open_streams_go_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        authority, trusted = write_authority(tmp_path)
        files = CertificateFiles(*authority.issue(tmp_path, "gateway"))
        certificates = ServerCertificates(files)
        async with world(credentials=certificates.grpc_credentials()) as here:
            async with (
                connect(here.address, tls=ClientTls(trusted)) as client,
                client.converse("h1", clock="file") as talk,
            ):
                await talk.send(CHUNK)
                answers = aiter(talk)
                assert (await anext(answers)).chunk.index == 0
                another, trusted_now = write_authority(tmp_path / "another")
                another.issue(tmp_path, "gateway")
                tls = ClientTls(trusted_now)
                async with connect(here.address, tls=tls) as newer, newer.converse("h1", clock="file"):
                    pass
                files.certificate.write_text("half of a certificate")  # what was read stands
                async with connect(here.address, tls=tls) as newer, newer.converse("h1", clock="file"):
                    pass
                await talk.send(CHUNK)
                assert (await anext(answers)).chunk.index == 1 and not talk.reconnects
            assert certificates.renewals == 1

    asyncio.run(scenario())


def test_in_clear_or_by_another_authority_nobody_speaks_to_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        authority, _ = write_authority(tmp_path)
        certificates = ServerCertificates(CertificateFiles(*authority.issue(tmp_path, "gateway")))
        _, foreign = write_authority(tmp_path / "foreign")
        async with world(credentials=certificates.grpc_credentials()) as here:
            for tls in (None, ClientTls(foreign)):
                async with connect(here.address, tls=tls) as client:
                    with pytest.raises(Retriable):
                        async with client.converse("h1"):
                            pass
            assert not here.gateway.counts.opened

    asyncio.run(scenario())


def test_a_client_is_who_its_certificate_says(tmp_path: Path) -> None:
    async def scenario() -> None:
        authority, trusted = write_authority(tmp_path)
        entry = {"id": "hall", "certificate": HALL, "tenant": "acme", "homes": ["h1"], "scopes": ["converse"]}
        keys = tmp_path / "keys.json"
        keys.write_text(json.dumps({"keys": [entry]}))
        known = ApiKeys(keys)
        certificates = ServerCertificates(CertificateFiles(*authority.issue(tmp_path, "gateway"), trusted))
        mine = ClientTls(trusted, *authority.issue(tmp_path, "hall", [HALL]))
        others = ClientTls(trusted, *authority.issue(tmp_path, "garage", ["spiffe://acme.example/garage"]))
        forged = ClientTls(trusted, *Authority().issue(tmp_path, "forged", [HALL]))
        access = AccessControl(certificates=known)
        async with world(access=access, credentials=certificates.grpc_credentials()) as here:
            async with connect(here.address, tls=mine) as client, client.converse("h1"):
                (call,) = here.gateway.calls
                assert call.dialogue.terms.tenant == "acme" and call.rights.principal.subject == "key:hall"
            refusals = ((others, NotAuthenticated), (forged, Retriable), (ClientTls(trusted), Retriable))
            for tls, error in refusals:
                async with connect(here.address, tls=tls) as client:
                    with pytest.raises(error):
                        async with client.converse("h1"):
                            pass
            assert access.refusals == {"unknown_key": 1} and here.gateway.counts.opened == 1

    asyncio.run(scenario())


def test_files_that_do_not_fit_together_are_named(tmp_path: Path) -> None:
    authority, _ = write_authority(tmp_path)
    certificate, _ = authority.issue(tmp_path, "one")
    _, key = authority.issue(tmp_path, "two")
    for files in ((certificate, key), (certificate, tmp_path / "none.key")):
        with pytest.raises(SettingError, match=r"one\.pem"):
            ServerCertificates(CertificateFiles(*files))
