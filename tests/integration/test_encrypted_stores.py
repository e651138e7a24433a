"""The hops behind the gateway, encrypted and with callers of their own, on the real parts.

Redis with TLS and an ACL user; Kafka with SASL_SSL; Triton that asks for certificates.
"""

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from redis.exceptions import NoPermissionError

from duplexsla.errors import StoreLost
from duplexsla.executor.broker.kafka import KafkaSink
from duplexsla.executor.broker.topics import make_topics
from duplexsla.gateway.decoders.client import DecoderClients, DecoderTls
from duplexsla.local import kafka as local_kafka
from duplexsla.local import redis as local_redis
from duplexsla.local import triton as local_triton
from duplexsla.local.authority import Authority, write_authority
from duplexsla.local.process import Process, await_ready, free_port, launch
from duplexsla.session.store.leases import DecoderAddress
from duplexsla.session.store.quota_counters import RedisQuotaCounters
from duplexsla.session.store.redis import RedisStore

pytestmark = pytest.mark.integration

# What a gateway does in Redis, and no more: SECURITY.md.
ACL = (
    "user default off",
    "user gateway on >secret ~duplexsla:* resetchannels -@all "
    "+@read +@write +@scripting +@connection +@transaction +time -@dangerous -keys -flushall",
)


@pytest.fixture(scope="module")
def encrypted_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, Path]]:
    folder = tmp_path_factory.mktemp("redis-tls")
    authority, trusted = write_authority(folder)
    certificate, key = authority.issue(folder, "redis")
    port = free_port()
    acl = folder / "users.acl"
    acl.write_text("\n".join(ACL) + "\n")
    flags = [
        "--port",
        "0",
        "--tls-port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    flags += ["--tls-cert-file", str(certificate), "--tls-key-file", str(key)]
    flags += ["--tls-ca-cert-file", str(trusted), "--tls-auth-clients", "no", "--aclfile", str(acl)]
    command = [str(local_redis.install()), *flags]
    log = folder / "redis.log"
    process = launch("redis", command, log=log, address=f"127.0.0.1:{port}")
    await_ready(process, lambda: log.exists() and "Ready to accept" in log.read_text(), timeout_s=20)
    yield process, trusted
    process.stop()


def _url(server: tuple[Process, Path], password: str = "secret") -> str:
    process, trusted = server
    return f"rediss://gateway:{password}@{process.address}/0?ssl_ca_certs={trusted}"


def test_leases_and_quotas_over_tls_as_a_user_of_few_rights(encrypted_redis: tuple[Process, Path]) -> None:
    async def main() -> None:
        store = RedisStore(_url(encrypted_redis), servers_clock=True)
        counters = RedisQuotaCounters(_url(encrypted_redis), servers_clock=True)
        try:
            lease = await store.take(7, "gateway", [DecoderAddress("10.0.0.5:8001", 2)], now_ms=0)
            await store.release(lease)
            assert await counters.take("k", 1, now=0.0) == 0.0 and await counters.hold("h", "a", 1)
            for command in (("FLUSHALL",), ("KEYS", "*"), ("GET", "elsewhere"), ("CONFIG", "GET", "*")):
                with pytest.raises(NoPermissionError):
                    await counters._redis.execute_command(*command)
        finally:
            await store.close()
            await counters.close()

    asyncio.run(main())


@pytest.mark.parametrize("wrong", ["password", "in clear", "authority"])
def test_whoever_comes_otherwise_finds_a_store_that_is_lost(
    encrypted_redis: tuple[Process, Path], wrong: str, tmp_path: Path
) -> None:
    process, _ = encrypted_redis
    foreign = tmp_path / "foreign.pem"
    foreign.write_bytes(Authority().pem)
    url = {
        "password": _url(encrypted_redis, "guess"),
        "in clear": f"redis://{process.address}/0",
        "authority": f"rediss://gateway:secret@{process.address}/0?ssl_ca_certs={foreign}",
    }[wrong]

    async def main() -> None:
        counters = RedisQuotaCounters(url, servers_clock=True)
        with pytest.raises(StoreLost):
            await counters.hold("h", "b", 1)
        await counters.close()

    asyncio.run(main())


# kafka-python leaves encrypted sockets to the garbage collector, as it does those of lost brokers.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_actions_travel_over_sasl_ssl(tmp_path: Path) -> None:
    authority, trusted = write_authority(tmp_path)
    certificate, key = authority.issue(tmp_path, "kafka")
    both = tmp_path / "kafka.keystore.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    plain, encrypted, controller = free_port(), free_port(), free_port()
    users = 'username="admin" password="other" user_duplexsla="secret"'
    properties = (
        f"listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{encrypted},CONTROLLER://127.0.0.1:{controller}",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
        "ssl.keystore.type=PEM",
        f"ssl.keystore.location={both}",
        "sasl.enabled.mechanisms=PLAIN",
        "listener.name.sasl_ssl.plain.sasl.jaas.config="
        f"org.apache.kafka.common.security.plain.PlainLoginModule required {users};",
    )
    node = local_kafka.BrokerNode(0, (plain,), (controller,))
    broker = local_kafka.start(tmp_path / "kafka", node=node, properties=properties)
    address = f"127.0.0.1:{encrypted}"

    security = {
        "security_protocol": "SASL_SSL",
        "ssl_cafile": str(trusted),
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "duplexsla",
        "sasl_plain_password": "secret",
    }

    async def write() -> bool:
        sink = KafkaSink(address, security)
        try:
            return await sink.write("t", b"acme/h1", b"event", {})
        finally:
            await sink.close()

    try:
        assert make_topics(address, security, topics={"t": 1}, copies=1) == ["t"]
        assert asyncio.run(write())
    finally:
        broker.stop()
        gc.collect()


def test_a_decoder_answers_those_alone_who_show_a_certificate(tmp_path: Path) -> None:
    authority, trusted = write_authority(tmp_path)
    server = authority.issue(tmp_path, "decoder", ["duplexsla-decoder"])
    certificate, key = authority.issue(tmp_path, "gateway", ["spiffe://duplexsla.example/gateway"])
    foreign = Authority().issue(tmp_path, "foreign", ["spiffe://duplexsla.example/gateway"])
    (tmp_path / "empty").mkdir()
    triton = local_triton.start(tmp_path, models=tmp_path / "empty", tls=(*server, trusted))

    async def alive(own: tuple[Path, Path] | None, name: str = "duplexsla-decoder") -> bool:
        mine = [path.read_bytes() for path in (own[1], own[0])] if own else [None, None]
        credentials = grpc.ssl_channel_credentials(trusted.read_bytes(), *mine)
        clients = DecoderClients(tls=DecoderTls(credentials, name))
        try:
            return await clients.alive(triton.process.address, 3.0)
        finally:
            await clients.close()

    async def all_of_them() -> list[bool]:
        return [
            await alive((certificate, key)),
            await alive(None),
            await alive(foreign),
            await alive((certificate, key), "elsewhere"),
            await DecoderClients().alive(triton.process.address, 3.0),
        ]

    try:
        assert asyncio.run(all_of_them()) == [True, False, False, False, False]
    finally:
        triton.process.stop()
