"""Batches of sessions, drawn by seed and step: a resumed run sees what an unbroken one sees."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from torch.utils.data import DataLoader, Dataset

from duplexsla.errors import CorpusError
from duplexsla.protocol.tokens import Vocabulary
from duplexsla_lab.data.acoustics.channel import degraded
from duplexsla_lab.data.pcm import PCM_SCALE
from duplexsla_lab.data.scenarios.scenario import Scenario
from duplexsla_lab.data.shards import Shards
from duplexsla_lab.data.spoken_scenario import SpokenScenario, from_row
from duplexsla_lab.data.timeline.positions import LossWeights, PositionBatch, collate
from duplexsla_lab.data.timeline.timeline import TimingConflict
from duplexsla_lab.data.timeline.training_session import Reply, TrainingSession
from duplexsla_lab.data.voices.human_like import HUMAN_LIKE
from duplexsla_lab.data.voices.rate_and_tract import varied
from duplexsla_lab.training.duplex.mixture import TaskShare
from duplexsla_lab.training.duplex.task_sessions import (
    asr_assistant_session,
    asr_user_session,
    duplex_session,
    text_session,
)

POOL = 8  # batches drawn together and cut by length, so that little is padding
TEXTS = 6  # scenarios of one text session
DEGRADED_SHARE = 0.3  # of the sessions whose sound goes through a room, a channel and noise
HUMAN_SHARE = 0.6  # of the scenarios that are drawn, where the corpus has human-like ones
VARIED_SHARE = 0.7  # of the human-like scenarios that are changed in rate and tract
CONTEXT_SHARE = 0.2  # of the duplex sessions that come after another conversation
CONTEXTS = ("single", "pause", "dialogue")  # families of that one
BABBLERS = 3  # people who may talk in the background
AHEAD = 2  # pools that are made before they are asked for, or one by each worker


class SessionBatches(Dataset[list[PositionBatch]]):
    """`batch(step)` is a pure function of corpus, seed and step. A batch has about `size` sessions: pools are
    cut so that their batches have about as many positions each, padding included."""

    def __init__(
        self,
        scenarios: Shards,
        replies: Mapping[str, Reply],
        vocabulary: Vocabulary,
        slices: Sequence[TaskShare],
        *,
        silence_code: int,
        prompt_length: int,
        size: int,
        seed: int,
        clean: bool = False,
    ) -> None:
        self._scenarios, self._replies, self._vocabulary, self._shares = (
            scenarios,
            replies,
            vocabulary,
            slices,
        )
        self._silence_code, self._prompt_length = silence_code, prompt_length
        self._size, self._seed, self._clean = size, seed, clean
        self._weights = LossWeights()
        self._pool: tuple[int, list[list[TrainingSession]]] = (-1, [])
        self._of_families = _by_family(scenarios, {CONTEXTS, *(each.families for each in slices)})

    def __getitem__(self, pool: int) -> list[PositionBatch]:
        """The batches of steps POOL * pool to POOL * (pool + 1), for a worker."""
        return [self.batch(step) for step in range(POOL * pool, POOL * (pool + 1))]

    def _spoken(self, rng: random.Random, families: tuple[str, ...]) -> SpokenScenario:
        """The human-like ones now and then at another rate, from another throat: the others vary anyway."""
        spoken = self._stored(rng, families)
        varies = not self._clean and spoken.voice.get("synthesizer") in HUMAN_LIKE
        return varied(spoken, rng) if varies and rng.random() < VARIED_SHARE else spoken

    def _stored(self, rng: random.Random, families: tuple[str, ...]) -> SpokenScenario:
        human, others = self._of_families[families]
        chosen = human if human and (not others or rng.random() < HUMAN_SHARE) else others
        row, samples = self._scenarios[int(rng.choice(chosen))]
        return from_row(row, samples)

    def _scenario(self, rng: random.Random, families: tuple[str, ...]) -> Scenario:
        return self._stored(rng, families).scenario

    def session(self, index: int) -> TrainingSession:
        """The `index`-th session of the stream."""
        rng = random.Random(f"{self._seed}-{index}")
        chosen = rng.choices(self._shares, [each.share for each in self._shares])[0]
        for _ in range(100):
            try:
                return self._degraded(self._task_session(chosen, rng), index)
            except TimingConflict:
                continue
        families = ", ".join(chosen.families) or "any family"
        raise CorpusError(
            f"no session of {chosen.task} over {families} can be placed on the clock: too few of the "
            "assistant's sentences have sound, make more replies"
        )

    def _task_session(self, chosen: TaskShare, rng: random.Random) -> TrainingSession:
        if chosen.task == "text":
            return text_session(
                [self._scenario(rng, chosen.families) for _ in range(TEXTS)], self._vocabulary
            )
        spoken, code = self._spoken(rng, chosen.families), self._silence_code
        if chosen.task == "asr_user":
            return asr_user_session(spoken, self._vocabulary, rng, silence_code=code)
        if chosen.task == "asr_assistant":
            return asr_assistant_session(spoken, self._replies, self._vocabulary, rng, silence_code=code)
        alone = self._clean or rng.random() >= CONTEXT_SHARE
        before = None if alone else self._context(rng, spoken)
        return duplex_session(spoken, self._replies, self._vocabulary, rng, silence_code=code, before=before)

    def _context(self, rng: random.Random, spoken: SpokenScenario) -> SpokenScenario:
        """A conversation of the same toolset, whoever speaks in it."""
        while True:
            before = self._spoken(rng, CONTEXTS)
            if before.scenario.toolset == spoken.scenario.toolset:
                return before

    def _degraded(self, session: TrainingSession, index: int) -> TrainingSession:
        """The user's track through a room, a channel, noise and the assistant's echo, now and then."""
        rng = np.random.default_rng((self._seed, index))
        if not self._clean and session.prompt != "text" and rng.random() < DEGRADED_SHARE:
            babblers = [self._scenarios[int(i)][1] for i in rng.integers(len(self._scenarios), size=BABBLERS)]
            others = [samples.astype(np.float32) * PCM_SCALE for samples in babblers if len(samples)]
            session.samples = degraded(session.samples, rng, others=others, assistant=session.assistant)
        return session

    def batch(self, step: int) -> PositionBatch:
        pool, place = divmod(step, POOL)
        if self._pool[0] != pool:
            count = self._size * POOL
            sessions = [self.session(pool * count + i) for i in range(count)]
            groups = cut_evenly(sorted(sessions, key=lambda session: session.num_positions))
            random.Random(f"{self._seed}-pool-{pool}").shuffle(groups)
            self._pool = (pool, groups)
        return self._collated(self._pool[1][place])

    def of(self, indexes: Iterable[int]) -> PositionBatch:
        """These sessions of the stream, in one batch."""
        return self._collated([self.session(index) for index in indexes])

    def _collated(self, sessions: Sequence[TrainingSession]) -> PositionBatch:
        return collate(sessions, self._vocabulary, self._weights, prompt_length=self._prompt_length)

    def ahead(self, first: int, end: int, *, workers: int = 1) -> Iterator[PositionBatch]:
        """The batches of steps first..end-1, made by processes of their own, a pool or two ahead each."""
        pools = range(first // POOL, -(-end // POOL))
        made = DataLoader(
            self,
            batch_size=None,
            sampler=pools,
            num_workers=workers,
            prefetch_factor=max(1, AHEAD // workers),
        )
        for pool, batches in zip(pools, made, strict=True):
            yield from batches[max(0, first - pool * POOL) : end - pool * POOL]


def cut_evenly(sessions: Sequence[TrainingSession]) -> list[list[TrainingSession]]:
    """POOL groups of sessions that are sorted by length, each with about as many positions."""
    ends = np.cumsum([session.num_positions for session in sessions])
    cuts = np.searchsorted(ends, ends[-1] * np.arange(1, POOL) / POOL)
    bounds = [0, *np.maximum(cuts, np.arange(1, POOL)).tolist(), len(sessions)]
    return [list(sessions[a:b]) for a, b in zip(bounds, bounds[1:], strict=False)]


def _by_family(
    scenarios: Shards, wanted: set[tuple[str, ...]]
) -> dict[tuple[str, ...], tuple[Sequence[int], Sequence[int]]]:
    """Indexes of the scenarios of each group of families, human-like and others; of all for the group ().

    Raises CorpusError.
    """
    rows = [(row["family"], row["voice"].get("synthesizer") in HUMAN_LIKE) for row in scenarios.rows()]

    def indexes(group: tuple[str, ...], human_like: bool) -> Sequence[int]:
        return [
            i for i, (family, is_human) in enumerate(rows)
            if is_human == human_like and (not group or family in group)
        ]  # fmt: skip

    found = {group: (indexes(group, True), indexes(group, False)) for group in wanted}
    if lacking := [group for group, (human, others) in found.items() if not human and not others]:
        raise CorpusError(f"the corpus has no scenario of {lacking[0] or 'any family'}: make a larger one")
    return found
