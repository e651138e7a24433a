"""Training of the nano model: loss falls, a resumed run is the unbroken one, a bad loss stops it."""

import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.support.spoken_scenarios import SILENCE_CODE, reply, spoken, vocabulary

from duplexsla.errors import CheckpointError, CorpusError
from duplexsla.model.backbone import NanoModel
from duplexsla.model.checkpoint import load_nano, save_nano
from duplexsla.model.config import NanoConfig
from duplexsla.protocol import tokens
from duplexsla.protocol.tokens import build_vocabulary
from duplexsla_lab.data.scenarios.families import scenario
from duplexsla_lab.data.scenarios.scenario import FAMILIES
from duplexsla_lab.data.shards import Shards, write_shard
from duplexsla_lab.data.spoken_scenario import SpokenScenario, to_row
from duplexsla_lab.data.timeline.positions import IGNORE, PositionBatch
from duplexsla_lab.data.timeline.training_session import Reply
from duplexsla_lab.training.duplex.__main__ import load_state, vocabulary_of
from duplexsla_lab.training.duplex.batches import HUMAN_SHARE, POOL, TEXTS, SessionBatches, cut_evenly
from duplexsla_lab.training.duplex.mixture import STAGES, TaskShare
from duplexsla_lab.training.duplex.run import Recipe, TimeBudget, TrainingRun, train
from duplexsla_lab.training.duplex.transfer import transfer

SMALL = {
    "width": 32, "num_layers": 1, "num_heads": 2, "num_kv_heads": 1, "head_width": 16, "ff_width": 32,
    "front_width": 32, "front_blocks": 1, "code_width": 32,
}  # fmt: skip


torch.set_num_threads(1)


@cache
def scenarios() -> list[SpokenScenario]:
    rng = random.Random(0)
    drawn = [
        scenario(rng, toolset=toolset, family=family) for family in FAMILIES for toolset in ("home", "car")
    ]
    return [SpokenScenario(each, {"name": "none"}, tuple(map(spoken, each.lines))) for each in drawn]


def replies() -> dict[str, Reply]:
    return {text: reply(text) for each in scenarios() for line in each.scenario.lines for text in line.answer}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    write_shard(folder, "train-0000", map(to_row, scenarios()))
    return folder


def batches(corpus: Path, stage: str = "post", size: int = 2) -> SessionBatches:
    return SessionBatches(
        Shards(corpus, "train"), replies(), vocabulary(), STAGES[stage], silence_code=SILENCE_CODE,
        prompt_length=8, size=size, seed=0,
    )  # fmt: skip


def run(path: Path, steps: int = 8) -> TrainingRun:
    torch.manual_seed(0)
    model = NanoModel(NanoConfig(vocab_size=len(vocabulary()), **SMALL))
    return TrainingRun(model, Recipe(steps=steps, batch_size=2), vocabulary(), path, torch.device("cpu"))


def test_the_loss_falls(tmp_path: Path, corpus: Path) -> None:
    training, batch = run(tmp_path / "run.pt", steps=60), batches(corpus).of([0])
    losses = [training.step_once(batch)[0] for _ in range(20)]
    assert losses[-1] < 0.9 * losses[0]


def test_a_resumed_run_is_the_unbroken_one(tmp_path: Path, corpus: Path) -> None:
    unbroken, first, data = run(tmp_path / "whole.pt"), run(tmp_path / "run.pt"), batches(corpus)
    for step in range(4):
        unbroken.step_once(data.batch(step))
    for step in range(2):
        first.step_once(batches(corpus).batch(step))
    first.save()
    resumed = run(tmp_path / "run.pt")
    resumed.resume()
    assert resumed.step == 2
    for step in range(2, 4):
        resumed.step_once(batches(corpus).batch(step))
    for name, weight in unbroken.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name]), name


def test_a_loss_that_is_not_finite_stops_and_says_what_to_do(tmp_path: Path, corpus: Path) -> None:
    training, data = run(tmp_path / "run.pt"), batches(corpus)
    training.step_once(data.batch(0))
    training.save()
    bad = data.of([3])
    bad.samples.fill_(float("nan"))
    with pytest.raises(CheckpointError, match="last good state"):
        training.step_once(bad)
    resumed = run(tmp_path / "run.pt")
    resumed.resume()
    assert resumed.step == 1


def test_a_gradient_that_is_not_finite_stops_before_it_spoils_a_weight(tmp_path: Path, corpus: Path) -> None:
    training, data = run(tmp_path / "run.pt"), batches(corpus)
    training.model.text_head.weight.register_hook(lambda gradient: gradient * float("inf"))
    before = {name: weight.clone() for name, weight in training.model.state_dict().items()}
    with pytest.raises(CheckpointError, match=r"gradient is .* at step 0.*run\.pt is not written yet"):
        training.step_once(data.batch(0))
    assert all(torch.equal(weight, before[name]) for name, weight in training.model.state_dict().items())


@pytest.mark.parametrize("state", [b"", b"no state", {"model": {}}, {"step": 3}, "cut"])
def test_a_state_that_is_damaged_or_foreign_is_refused_by_name(
    tmp_path: Path, state: bytes | str | dict[str, object]
) -> None:
    training = run(tmp_path / "run.pt")
    training.save()
    if isinstance(state, dict):
        torch.save(state, training.path)
    else:
        training.path.write_bytes(state if isinstance(state, bytes) else training.path.read_bytes()[:9_000])
    with pytest.raises(CheckpointError, match=r"(?s)run\.pt is no state of this model.*move it away"):
        run(training.path).resume()
    with pytest.raises(CheckpointError, match="(?s)no state of such a model.*run the stage before it"):
        load_state(training.model, training.path if state != {"step": 3} else tmp_path / "none.pt")


def test_batches_depend_on_seed_and_step_alone(corpus: Path) -> None:
    again = batches(corpus)
    again.batch(17)
    for step in (0, 9, 3):
        one, other = batches(corpus).batch(step), again.batch(step)
        assert all(torch.equal(getattr(one, name), getattr(other, name)) for name in PositionBatch.__slots__)
    ahead = list(batches(corpus).ahead(3, 5))
    assert torch.equal(ahead[0].samples, again.batch(3).samples)
    assert torch.equal(ahead[1].tokens, again.batch(4).tokens)


def test_a_pool_is_cut_into_batches_of_as_many_positions(corpus: Path) -> None:
    data = batches(corpus)
    sessions = sorted((data.session(i) for i in range(40)), key=lambda session: session.num_positions)
    groups = cut_evenly(sessions)
    assert len(groups) == POOL and [each for group in groups for each in group] == sessions
    sizes = [sum(session.num_positions for session in group) for group in groups]
    assert max(sizes) < 2 * min(sizes)


def written(data: SessionBatches, task: str) -> set[str]:
    """Pieces that sessions of a task are asked for."""
    pieces: set[str] = set()
    for index in range(40):
        session = data.session(index)
        if session.prompt == task:
            asked = (
                segment[forced:] for segment, forced in zip(session.actions, session.forced, strict=True)
            )
            pieces.update(piece for segment in asked for piece in vocabulary().pieces(segment))
    return pieces


def test_each_task_asks_for_its_own_lanes_alone(corpus: Path) -> None:
    data = batches(corpus, stage="base")
    heard, said = written(data, "asr_user"), written(data, "asr_assistant")
    assert heard and not heard & {tokens.RESPONSE, tokens.TOOLCALL_BEGIN, tokens.ASSISTANT_WORD}
    assert tokens.ASSISTANT_WORD in said and not said & {tokens.RESPONSE, tokens.TOOLCALL_BEGIN}
    read = written(data, "text")
    assert {tokens.RESPONSE, tokens.TOOLCALL_BEGIN, tokens.PLANNING_OPEN} <= read
    assert tokens.OUTCOME_OPEN not in read


def test_text_alone_gives_a_loss_without_sound(tmp_path: Path, corpus: Path) -> None:
    data = SessionBatches(
        Shards(corpus, "train"), replies(), vocabulary(), (TaskShare("text", 1.0),),
        silence_code=SILENCE_CODE, prompt_length=8, size=2, seed=0,
    )  # fmt: skip
    batch = data.of([0, 1])
    assert (batch.phones == IGNORE).all() and not batch.speaking.any()
    total, text, codes, phones, _ = run(tmp_path / "run.pt").step_once(batch)
    assert text > 0 and codes == phones == 0 and total == text


class _Counted(Shards):
    read: list[int]

    def __getitem__(self, index: Any) -> Any:
        self.read.append(index)
        return super().__getitem__(index)


def test_human_like_voices_have_their_share_of_the_sessions_however_few_there_are(tmp_path: Path) -> None:
    voices = [{"name": "af_sky", "synthesizer": "kokoro"}] + 9 * [{"name": "none", "synthesizer": "espeak"}]
    drawn = [SpokenScenario(scenarios()[0].scenario, voice, scenarios()[0].lines) for voice in voices]
    write_shard(tmp_path, "train-human-0000", [to_row(drawn[0])])
    write_shard(tmp_path, "train-0000", map(to_row, drawn[1:]))
    counted = _Counted(tmp_path, "train")
    counted.read = []
    family = scenarios()[0].scenario.family
    texts = TaskShare("text", 1.0, (family,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("duplexsla_lab.training.duplex.batches.CONTEXTS", (family,))
        data = SessionBatches(
            counted, replies(), vocabulary(), (texts,),
            silence_code=SILENCE_CODE, prompt_length=8, size=2, seed=0,
        )  # fmt: skip
    for index in range(40):
        data.session(index)
    (human,) = (i for i, row in enumerate(counted.rows()) if row["voice"]["synthesizer"] == "kokoro")
    assert len(counted.read) >= 40 * TEXTS
    assert abs(counted.read.count(human) / len(counted.read) - HUMAN_SHARE) < 0.1


def test_a_run_from_weights_that_were_taught_the_same_keeps_their_vocabulary(tmp_path: Path) -> None:
    donor = Path("model_repository/duplexsla/1")
    vocabulary_of(tmp_path, tmp_path, donor=donor)  # without a manifest: version 1 of all toolsets
    assert (tmp_path / "vocabulary.json").read_bytes() == (donor / "vocabulary.json").read_bytes()


def test_the_log_has_every_report_and_the_families(tmp_path: Path, corpus: Path) -> None:
    training, data = run(tmp_path / "run.pt", steps=4), batches(corpus)
    train(training, data.ahead(0, 4), {"single": data.of([0])}, report_every=2, save_every=4)
    log = (tmp_path / "run.jsonl").read_text().splitlines()
    assert len(log) == 3 and '"held": {"single"' in log[-1]
    assert (tmp_path / "run.pt").exists()


def test_a_corpus_without_a_family_says_so(tmp_path: Path) -> None:
    write_shard(tmp_path, "train-0000", [to_row(scenarios()[0])])
    with pytest.raises(CorpusError, match="no scenario of"):
        batches(tmp_path)


def test_weights_go_to_another_vocabulary_piece_by_piece(tmp_path: Path) -> None:
    known, model = build_vocabulary(["light on"], 300, ["f"], ["a"]), run(tmp_path / "run.pt").model
    donor = NanoModel(NanoConfig(vocab_size=len(known), **SMALL))
    torch.nn.init.normal_(donor.text_head.weight)
    save_nano(donor, known, tmp_path / "nano.safetensors", dtype=torch.float32)
    known.save(tmp_path / "vocabulary.json")
    shared = transfer(model, vocabulary(), tmp_path)
    assert 0 < shared <= len(known)
    for piece in (" light", tokens.ACTION_END):
        mine, theirs = vocabulary().id(piece), known.id(piece)
        assert torch.equal(model.text_head.weight[mine], donor.text_head.weight[theirs])
    assert torch.equal(model.blocks[0].qkv.weight, donor.blocks[0].qkv.weight)


def test_weights_are_read_back_and_a_foreign_vocabulary_is_refused(tmp_path: Path) -> None:
    training = run(tmp_path / "run.pt")
    save_nano(training.model, vocabulary(), tmp_path / "nano.safetensors")
    loaded = load_nano(tmp_path / "nano.safetensors", vocabulary())
    torch.testing.assert_close(loaded.text_head.weight, training.model.text_head.weight, atol=1e-3, rtol=1e-3)
    with pytest.raises(CheckpointError, match="another vocabulary"):
        load_nano(tmp_path / "nano.safetensors", build_vocabulary(["other"], 300, ["f"], ["a"]))
    (tmp_path / "nano.safetensors").write_bytes(b"not weights")
    with pytest.raises(CheckpointError, match="not a readable"):
        load_nano(tmp_path / "nano.safetensors", vocabulary())


def test_a_run_on_a_time_budget_ends_by_the_clock_with_its_rate_cooled_down(
    tmp_path: Path, corpus: Path
) -> None:
    training, data, times = run(tmp_path / "run.pt", steps=10**9), batches(corpus), iter(range(10**6))
    training.budget = TimeBudget(16.0, clock=lambda: float(next(times)))  # each look at the clock takes 1 s
    train(training, data.ahead(0, 10**9), {}, report_every=10**9, save_every=10**9)
    assert 3 < training.step < 16 and training.budget.share == 1.0
    rates = [group["lr"] for opt in training.optimizers for group in opt.param_groups]
    assert max(rate / base for rate, base in zip(rates, training.base_rates, strict=True)) < 0.2
    assert training.path.exists()


def test_a_state_is_saved_when_it_is_due_although_nothing_is_reported_then(
    tmp_path: Path, corpus: Path
) -> None:
    training, data = run(tmp_path / "run.pt", steps=5), batches(corpus)
    saved: list[int] = []
    training.save = lambda: saved.append(training.step)
    train(training, data.ahead(0, 5), {}, report_every=3, save_every=2)
    assert saved == [2, 4, 5]


@pytest.mark.slow
def test_any_number_of_workers_makes_the_same_batches(corpus: Path) -> None:
    data = batches(corpus)
    one, two = (list(data.ahead(5, 2 * POOL + 3, workers=workers)) for workers in (1, 2))
    assert len(one) == len(two) == 2 * POOL - 2
    for mine, theirs in zip(one, two, strict=True):
        assert torch.equal(mine.samples, theirs.samples) and torch.equal(mine.targets, theirs.targets)
