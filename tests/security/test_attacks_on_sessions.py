"""Attacks on a gateway by whoever reaches its port: each is refused, typed, counted, and harms nobody else.

A real gRPC server and client, a provider of tokens over HTTP, a decoder that follows a script.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import jwt
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tests.support.fake_decoder import FakeDecoder, Held, Reply, remember
from tests.support.gateway_process import World, done_at_once, until, world
from tests.support.token_provider import AUDIENCE, ISSUER, TokenProvider

from duplexsla.client import connect
from duplexsla.errors import (
    DuplexSLAError,
    Forbidden,
    NotAuthenticated,
    ProtocolError,
    QuotaExceeded,
    ResumeRefused,
    SessionTooLong,
    UnknownHome,
)
from duplexsla.gateway.actions.bus import MemoryBus
from duplexsla.gateway.call.call import Timeouts
from duplexsla.protocol import tokens
from duplexsla.protocol.actions import call_text
from duplexsla.security.access import AccessControl
from duplexsla.security.bearer_tokens import BearerTokens
from duplexsla.security.key_set import FLOOR_S, KeySet, from_url
from duplexsla.security.quotas import QuotaLimits, Quotas
from duplexsla.session.store.memory import MemoryArchive
from duplexsla.v1.action_pb2 import OUTCOME_STATE_DENIED, ActionEvent, ActionOutcome
from duplexsla.v1.session_pb2 import AudioFrame, ConverseRequest, Open
from duplexsla.v1.session_pb2_grpc import SessionServiceStub

CHUNK = bytes(range(256)) * 20
LAMP = (tokens.TOOLCALL_BEGIN, call_text("open_home_device", {"device": "lamp"}), tokens.TOOLCALL_END)
PROVIDER = TokenProvider("ES256")


@dataclass
class Site:
    here: World
    access: AccessControl
    provider: TokenProvider
    clock: list[float]  # Unix s of those who look at tokens
    events: list[ActionEvent] = field(default_factory=list)

    def token(self, **claims: Any) -> str:
        return self.provider.token(**{"exp": time.time() + 600, **claims})


@asynccontextmanager
async def site(
    script: Callable[[Held, int], Reply] = remember,
    *,
    limits: dict[str, int] | None = None,
    timeouts: Timeouts | None = None,
) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(PROVIDER.serving())
        ways = BearerTokens(KeySet(from_url(url)), issuer=ISSUER, audience=AUDIENCE)
        clock, events = [time.time()], list[ActionEvent]()
        access = AccessControl([ways], Quotas(QuotaLimits(limits or {})), clock=lambda: clock[0])

        async def execute(event: ActionEvent, traceparent: str) -> ActionOutcome:
            events.append(event)
            return await done_at_once(event, traceparent)

        here = await stack.enter_async_context(
            world(
                FakeDecoder(script),
                bus=MemoryBus(execute),
                access=access,
                timeouts=timeouts,
                archive=MemoryArchive(shared=True),
            )
        )
        yield Site(here, access, PROVIDER, clock, events)


async def refused(
    at: Site, token: str, home: str = "h1", metadata: dict[str, str] | None = None
) -> DuplexSLAError:
    """With what an attempt to open a session ends."""
    async with connect(at.here.address, token=token) as client:
        try:
            async with client.converse(home, clock="file", metadata=metadata):
                raise AssertionError("let in")
        except DuplexSLAError as error:
            return error


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())  # type: ignore[arg-type]


def _unsigned(at: Site) -> str:
    return jwt.encode(at.provider.claims(exp=time.time() + 600), "", algorithm="none", headers={"kid": "k1"})


def _foreign(at: Site) -> str:
    return TokenProvider("ES256").token(exp=time.time() + 600)


@pytest.mark.parametrize(
    ("presented", "reason"),
    [
        (lambda at: "", "missing"),
        (lambda at: at.token(exp=time.time() - 60), "expired"),
        (lambda at: at.token(aud="another"), "wrong_audience"),
        (lambda at: at.token(iss="https://evil.example"), "wrong_issuer"),
        (_unsigned, "wrong_algorithm"),
        (_foreign, "wrong_signature"),
    ],
    ids=["none", "expired", "audience", "issuer", "alg-none", "signature"],
)
def test_nobody_comes_in_whom_the_provider_does_not_vouch_for(
    presented: Callable[[Site], str], reason: str
) -> None:
    async def scenario() -> None:
        async with site() as at:
            assert isinstance(await refused(at, presented(at)), NotAuthenticated)
            assert at.access.refusals == {reason: 1} and not at.here.decoder.sessions
            assert at.here.gateway.counts.refusals == {"unauthenticated": 1}

    run(scenario)


def test_a_key_that_the_provider_has_given_up_opens_nothing() -> None:
    async def scenario() -> None:
        async with site() as at:
            old = at.token()
            async with connect(at.here.address, token=old) as client, client.converse("h1"):
                pass
            at.provider.rotate(f"k{time.time_ns()}")
            at.clock[0] += FLOOR_S + 1
            async with connect(at.here.address, token=at.token()) as client, client.converse("h1"):
                pass
            assert isinstance(await refused(at, old), NotAuthenticated)
            assert at.access.refusals["unknown_key"] == 1

    run(scenario)


@pytest.mark.parametrize(
    ("claims", "metadata", "home"),
    [
        ({"homes": ["h1"]}, {}, "h2"),
        ({"homes": ["h1*"]}, {"duplexsla-home": "h2"}, "h1"),
        ({}, {"duplexsla-tenant": "globex"}, "h1"),
        ({"scope": "act"}, {}, "h1"),
        ({"toolsets": ["car"]}, {}, "h1"),
    ],
)
def test_a_caller_reaches_what_the_claims_say_and_nothing_else(
    claims: dict[str, Any], metadata: dict[str, str], home: str
) -> None:
    async def scenario() -> None:
        async with site() as at:
            assert isinstance(await refused(at, at.token(**claims), home, metadata), Forbidden)
            assert at.here.gateway.counts.refusals == {"forbidden": 1}

    run(scenario)


@pytest.mark.parametrize(
    "home", ["..", "../../drain", "h1/../h2", "h1\nlogin_admitted", "h1%2e", ".", "h1?x"]
)
def test_the_name_of_a_home_is_no_path_and_no_line_of_a_log(
    home: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def scenario() -> None:
        async with site() as at:
            assert isinstance(await refused(at, at.token(homes=["*"]), home), UnknownHome)
        assert not any(line.startswith("login_admitted") for line in caplog.text.splitlines())

    run(scenario)


@pytest.mark.parametrize("claims", [{"sub": "bob"}, {"tenant": "globex"}, {"homes": ["h2"]}])
def test_another_ones_resume_token_opens_nothing_and_cuts_nobody_off(claims: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with site() as at, connect(at.here.address, token=at.token()) as client:
            async with client.converse("h1", clock="file") as talk:
                await talk.send(CHUNK)
                assert (await anext(aiter(talk))).chunk.index == 0
                stolen = Open(resume_token=talk.opened.resume_token, resumable=True, next_chunk=1)
                async with connect(at.here.address, token=at.token(**claims)) as thief:
                    stream = thief.stream(at.here.address, {})
                    with pytest.raises(ResumeRefused):
                        await stream.open(stolen)
                await talk.send(CHUNK)
                assert (await anext(aiter(talk))).chunk.index == 1
            assert not at.here.gateway.counts.resumed

    run(scenario)


def test_a_token_from_the_archive_opens_for_nobody_else_either() -> None:
    async def scenario() -> None:
        async with site() as at, connect(at.here.address, token=at.token()) as client:
            async with client.converse("h1", clock="file") as talk:
                await talk.send(CHUNK)
                await anext(aiter(talk))
                (call,) = at.here.gateway.calls
                assert await at.here.gateway.journals.save([call])
                found = talk.opened.resume_token
                call.fail(NotAuthenticated("ended"))
                await until(lambda: call.over)
            await until(lambda: not len(at.here.gateway.calls))
            again = Open(resume_token=found, resumable=True, next_chunk=1)
            async with connect(at.here.address, token=at.token(sub="bob")) as thief:
                with pytest.raises(ResumeRefused):
                    await thief.stream(at.here.address, {}).open(again)

    run(scenario)


def test_a_session_that_outlives_its_token_ends_and_goes_on_with_a_new_one() -> None:
    async def scenario() -> None:
        async with site() as at:
            ends = time.time() - 29.0  # within the leeway of half a minute, for a second
            given = iter([at.token(exp=ends)])

            def token() -> str:
                return next(given, "") or at.token()

            async with (
                connect(at.here.address, token=token) as client,
                client.converse("h1", clock="file") as talk,
            ):
                opened = talk.opened.session_id
                await talk.send(CHUNK)
                answers = aiter(talk)
                assert (await anext(answers)).chunk.index == 0
                notice = (await anext(answers)).notice
                assert notice.detail and talk.opened.session_id == opened and talk.reconnects == 1
                await talk.send(CHUNK)
                assert (await anext(answers)).chunk.index == 1
            counts = at.here.gateway.counts
            assert counts.refusals == {"unauthenticated": 1} and not counts.failed

    run(scenario)


def test_without_the_scope_an_action_is_denied_and_never_leaves() -> None:
    def acts(held: Held, index: int) -> Reply:
        return Reply(LAMP) if index == 0 else Reply()

    async def scenario() -> None:
        async with (
            site(acts) as at,
            connect(at.here.address, token=at.token(scope="converse")) as client,
            client.converse("h1", clock="file") as talk,
        ):
            await talk.send(CHUNK)
            answers = aiter(talk)
            await anext(answers)
            assert (await anext(answers)).outcome.state == OUTCOME_STATE_DENIED
            assert not at.events and at.here.gateway.counts.actions_denied == 1

    run(scenario)


def test_an_action_carries_the_tenant_of_the_claims() -> None:
    async def scenario() -> None:
        async with (
            site(lambda held, index: Reply(LAMP) if index == 0 else Reply()) as at,
            connect(at.here.address, token=at.token()) as client,
            client.converse("h1", clock="file") as talk,
        ):
            await talk.send(CHUNK)
            await until(lambda: bool(at.events))
            assert at.events[0].tenant == "acme"

    run(scenario)


def test_another_sessions_question_is_not_answered() -> None:
    async def scenario() -> None:
        async with (
            site() as at,
            connect(at.here.address, token=at.token()) as client,
            client.converse("h1") as alice,
            client.converse("h1") as other,
        ):
            await other.confirm(f"{alice.opened.session_id:016x}-3-0", yes=True)
            answer = await anext(aiter(other))
            assert answer.outcome.reason and not at.events

    run(scenario)


def test_streams_that_never_open_give_way_and_shut_the_door_for_nobody() -> None:
    async def scenario() -> None:
        async with site() as at, grpc.aio.insecure_channel(at.here.address) as channel:
            stub = SessionServiceStub(channel)
            metadata = (("authorization", f"Bearer {at.token()}"),)
            silent = [stub.Converse(metadata=metadata) for _ in range(300)]
            for each in silent:
                await each.wait_for_connection()
            opening = at.here.port.opening
            await until(lambda: opening.gave_way == 300 - 64)
            assert len(opening) == 64
            health = health_pb2_grpc.HealthStub(channel)
            answer = await health.Check(health_pb2.HealthCheckRequest(), timeout=5)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
            async with connect(at.here.address, token=at.token()) as client, client.converse("h1"):
                pass
            for each in silent:
                each.cancel()

    run(scenario)


def test_a_message_that_is_too_large_ends_its_own_stream() -> None:
    async def scenario() -> None:
        async with site() as at, grpc.aio.insecure_channel(at.here.address) as channel:
            huge = ConverseRequest(audio=AudioFrame(samples=bytes(3 << 20)))
            call = SessionServiceStub(channel).Converse(
                iter([huge]), metadata=(("authorization", f"Bearer {at.token()}"),)
            )
            assert await call.code() in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INVALID_ARGUMENT)
            async with connect(at.here.address, token=at.token()) as client, client.converse("h1"):
                pass

    run(scenario)


def test_a_home_has_its_share_of_sessions_and_no_more() -> None:
    async def scenario() -> None:
        async with site(limits={"home.sessions": 1}) as at:
            async with connect(at.here.address, token=at.token(homes=["*"])) as client:
                async with client.converse("h1", clock="file"):
                    error = await refused(at, at.token())
                    assert isinstance(error, QuotaExceeded) and error.retry_after_ms > 0
                    async with client.converse("h2", clock="file"):
                        pass
                await until(lambda: not len(at.here.gateway.calls))
                await until(lambda: not at.here.gateway.tasks.jobs)
                async with client.converse("h1", clock="file"):
                    pass
            assert at.here.gateway.counts.refusals == {"quota_exceeded": 1}

    run(scenario)


def test_whoever_guesses_tokens_is_locked_out_for_a_while() -> None:
    async def scenario() -> None:
        async with site(limits={"peer.failed_logins": 3}) as at:
            for _ in range(3):
                await refused(at, "guess.guess.guess")
            assert isinstance(await refused(at, at.token()), QuotaExceeded)
            assert at.access.refusals["locked_out"] == 1

    run(scenario)


def test_a_session_lasts_no_longer_than_it_may() -> None:
    async def scenario() -> None:
        async with (
            site(timeouts=Timeouts(session_s=0.2)) as at,
            connect(at.here.address, token=at.token()) as client,
            client.converse("h1", clock="file") as talk,
        ):
            with pytest.raises(SessionTooLong):
                await anext(aiter(talk))
            assert at.here.gateway.counts.refusals == {"session_too_long": 1}
            assert not at.here.gateway.counts.failed

    run(scenario)


def test_a_stream_of_nothing_that_anybody_understands_is_a_typed_error() -> None:
    async def scenario() -> None:
        async with site() as at, connect(at.here.address, token=at.token()) as client:
            stream = client.stream(at.here.address, {})
            await stream.end()
            with pytest.raises(ProtocolError):
                await stream.read()

    run(scenario)
