"""Makes a set of cases: shards side by side, each by a process of its own; existing ones are kept."""

import multiprocessing
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tqdm import tqdm

from duplexsla.protocol.tokens import Vocabulary, build_vocabulary
from duplexsla.tools import TOOLSETS
from duplexsla_lab.bench.case import Case
from duplexsla_lab.bench.case_files import stored
from duplexsla_lab.bench.making.case_plan import COUNTS, Count, ShardPlan, missing, shard_plans
from duplexsla_lab.bench.making.case_synthesis import CaseDraft, CaseSynthesizer, NoSpeechAtCut
from duplexsla_lab.bench.making.held_out_texts import (
    CaseTextSampler,
    HeldOutRequests,
    NoHeldOutText,
    gather_held_out,
)
from duplexsla_lab.data.scenarios.families import scenario
from duplexsla_lab.data.scenarios.scenario import FAMILIES
from duplexsla_lab.data.shards import write_shard
from duplexsla_lab.data.speaking import SynthesisFailed
from duplexsla_lab.data.timeline.timeline import TimingConflict

# A synthesizer that was used in this process does not survive a fork: workers come from a clean one.
CLEAN = multiprocessing.get_context("forkserver")
CLEAN.set_forkserver_preload([__name__])
DRAWS = 80_000  # requests of each toolset, of which the held-out ones are gathered
VOCABULARY_SIZE = 2_048
TRIES = 50  # texts and voices for one case


@dataclass(frozen=True, slots=True)
class CaseSource:
    """What every worker draws from: held-out requests by toolset, and the vocabulary of the timeline."""

    requests: dict[str, HeldOutRequests]
    vocabulary: Vocabulary


def case_source(*, seed: int, draws: int = DRAWS, workers: int = 1) -> CaseSource:
    with CLEAN.Pool(min(workers, len(TOOLSETS))) as pool:
        requests = pool.map(partial(gather_held_out, seed=seed, draws=draws), TOOLSETS)
    return CaseSource({each.toolset: each for each in requests}, _vocabulary(seed))


def _vocabulary(seed: int) -> Vocabulary:
    rng = random.Random(f"{seed}-vocabulary")
    drawn = [scenario(rng, toolset=name, family=family) for name in TOOLSETS for family in FAMILIES * 60]
    texts = [text for each in drawn for line in each.lines for text in (line.said, *line.answer)]
    functions = [name for toolset in TOOLSETS.values() for name in toolset.function_names]
    arguments = [name for toolset in TOOLSETS.values() for name in toolset.argument_names]
    return build_vocabulary(
        texts, VOCABULARY_SIZE, list(dict.fromkeys(functions)), list(dict.fromkeys(arguments))
    )


def make(
    folder: Path,
    *,
    seed: int,
    small: bool,
    workers: int,
    counts: tuple[Count, ...] = COUNTS,
    draws: int = DRAWS,
) -> list[ShardPlan]:
    """Makes what is missing of a set, and returns its shards."""
    plans = shard_plans(counts, seed=seed, small=small)
    if lacking := missing(plans, folder):
        folder.mkdir(parents=True, exist_ok=True)
        _speak(lacking, folder, case_source(seed=seed, draws=draws, workers=workers), workers)
    return plans


def _speak(plans: Sequence[ShardPlan], folder: Path, source: CaseSource, workers: int) -> None:
    total = sum(len(plan.ids) for plan in plans)
    work = partial(make_shard, folder=folder, source=source)
    with CLEAN.Pool(workers, maxtasksperchild=1) as pool, tqdm(total=total, desc="cases") as bar:
        for cases in pool.imap_unordered(work, plans):
            bar.update(cases)


def make_shard(plan: ShardPlan, folder: Path, source: CaseSource) -> int:
    synthesizer, sampler = CaseSynthesizer(source.vocabulary), CaseTextSampler(source.requests[plan.toolset])
    cases = (case_of(id, plan, synthesizer, sampler) for id in plan.ids)
    write_shard(folder, plan.name, (stored(case) for case in cases))
    return len(plan.ids)


def case_of(id: str, plan: ShardPlan, synthesizer: CaseSynthesizer, sampler: CaseTextSampler) -> Case:
    """The first draft that can be spoken and placed on the clock. Raises NoHeldOutText."""
    rng = random.Random(f"{plan.seed}-{id}")
    for _ in range(TRIES):
        draft = CaseDraft(id, plan.scenario, plan.toolset, *sampler.lines(plan.scenario, rng))
        try:
            return synthesizer.case(draft, rng)
        except (SynthesisFailed, TimingConflict, NoSpeechAtCut):
            continue
    raise NoHeldOutText(f"none of {TRIES} drafts of {id} can be spoken")
