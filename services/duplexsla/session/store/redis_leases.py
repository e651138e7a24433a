"""The store on Redis. One hash tag per session and per decoder, so that each script touches one slot of a
cluster.
"""

from collections import defaultdict
from collections.abc import Sequence

from redis.asyncio import Redis

from duplexsla.session.placement import DecoderAddress, preference
from duplexsla.session.store import redis_scripts as scripts
from duplexsla.session.store.leases import FENCE_MS, LEASE_MS, PREFILL_MS, Lease, exhausted, taken_over
from duplexsla.session.store.redis_client import answer, connect, session_key


class RedisStore:
    """Store shared by all gateways. Awaits are shielded: a cancelled one would leave its answer to the
    next.
    """

    def __init__(self, url: str, *, servers_clock: bool = False) -> None:
        """With `servers_clock`, Redis's own clock stands in for the callers' `now_ms`: one for all."""
        self._redis: Redis = connect(url, text=True)
        self._servers_clock = servers_clock
        self._take = self._redis.register_script(scripts.TAKE)
        self._move = self._redis.register_script(scripts.MOVE)
        self._renew = self._redis.register_script(scripts.RENEW)
        self._release = self._redis.register_script(scripts.RELEASE)
        self._claim = self._redis.register_script(scripts.CLAIM)
        self._hold = self._redis.register_script(scripts.HOLD)
        self._held = self._redis.register_script(scripts.HELD)
        self._acquire_prefill = self._redis.register_script(scripts.ACQUIRE_PREFILL)
        self._release_prefill = self._redis.register_script(scripts.RELEASE_PREFILL)

    async def take(
        self, session_id: int, owner: str, decoders: Sequence[DecoderAddress], *, now_ms: int
    ) -> Lease:
        now = self._now(now_ms)
        decoder = await answer(self._place(session_id, decoders, now, stay=True))
        arguments: list[str | int] = [owner, decoder, LEASE_MS, FENCE_MS, now]
        fence = int(await answer(self._take(keys=_session_keys(session_id), args=arguments)))
        return Lease(session_id, owner, fence, decoder, fence)

    async def move(self, lease: Lease, decoders: Sequence[DecoderAddress], *, now_ms: int) -> Lease:
        now = self._now(now_ms)
        decoder = await answer(self._place(lease.session_id, decoders, now, stay=False))
        numbers = [lease.fence, lease.placement, LEASE_MS, FENCE_MS]
        arguments: list[str | int] = [lease.owner, decoder, *numbers, now]
        placement = await answer(self._move(keys=_session_keys(lease.session_id), args=arguments))
        if not placement:
            raise taken_over(lease)
        return lease._replace(decoder=decoder, placement=int(placement))

    async def renew(self, leases: Sequence[Lease], *, now_ms: int) -> list[Lease]:
        if not leases:
            return []
        owned = await answer(self._renew_all(leases, self._now(now_ms)))
        return [lease for lease, kept in zip(leases, owned, strict=True) if not kept]

    async def release(self, lease: Lease) -> None:
        await answer(self._release_all(lease))

    async def acquire_prefill(self, decoder: str, who: str, *, now_ms: int) -> bool:
        arguments: list[str | int] = [who, PREFILL_MS, self._now(now_ms)]
        return bool(
            await answer(self._acquire_prefill(keys=[_decoder_key(decoder, "prefill")], args=arguments))
        )

    async def release_prefill(self, decoder: str, who: str) -> None:
        await answer(self._release_prefill(keys=[_decoder_key(decoder, "prefill")], args=[who]))

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    def _now(self, now_ms: int) -> str:
        return "" if self._servers_clock else str(now_ms)

    async def _place(
        self, session_id: int, decoders: Sequence[DecoderAddress], now: str, *, stay: bool
    ) -> str:
        """Holds a slot: where the session is already if it may `stay`, else on the emptiest decoder."""
        member = f"{session_id:016x}"
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hget(_session_keys(session_id)[0], "decoder")
            for decoder in decoders:
                await self._held(keys=[_decoder_key(decoder.address, "slots")], args=[now], client=pipe)
            former, *held = await pipe.execute()
        counted = [
            decoder._replace(held=count - (decoder.address == former))
            for decoder, count in zip(decoders, held, strict=True)
        ]
        wanted = preference(counted, first=former if stay else "")
        for decoder in wanted:
            arguments: list[str | int] = [member, decoder.slots, LEASE_MS, now]
            if await self._claim(keys=[_decoder_key(decoder.address, "slots")], args=arguments):
                if former is not None and former != decoder.address:
                    await self._redis.zrem(_decoder_key(former, "slots"), member)
                return decoder.address
        raise exhausted(decoders)

    async def _renew_all(self, leases: Sequence[Lease], now: str) -> list[int]:
        members: dict[str, list[str]] = defaultdict(list)
        async with self._redis.pipeline(transaction=False) as pipe:
            for lease in leases:
                numbers = [lease.fence, lease.placement, LEASE_MS, FENCE_MS]
                arguments: list[str | int] = [lease.owner, lease.decoder, *numbers]
                await self._renew(keys=_session_keys(lease.session_id), args=arguments, client=pipe)
                members[lease.decoder].append(f"{lease.session_id:016x}")
            for decoder, sessions in members.items():
                await self._hold(
                    keys=[_decoder_key(decoder, "slots")], args=[LEASE_MS, *sessions, now], client=pipe
                )
            return (await pipe.execute())[: len(leases)]

    async def _release_all(self, lease: Lease) -> None:
        keys = _session_keys(lease.session_id)[:1]
        if await self._release(keys=keys, args=[lease.fence]):
            await self._redis.zrem(_decoder_key(lease.decoder, "slots"), f"{lease.session_id:016x}")


def _session_keys(session_id: int) -> list[str]:
    return [session_key(session_id, part) for part in ("lease", "fence", "placement")]


def _decoder_key(decoder: str, part: str) -> str:
    """All keys of a decoder share its hash tag."""
    return f"duplexsla:{{d:{decoder}}}:{part}"
