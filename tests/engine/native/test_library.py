"""The kernels are compiled once; without them torch serves; weights lie as the kernels read them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tests.support.engine_backends import with_compiler
from tests.support.tiny_engine import noise, run, tiny_engine, written

from duplexsla.engine.native import library

CHUNKS = 25
Tokens = tuple[str, tuple[int, ...], list[str]]


@pytest.fixture(scope="module")
def compiled_tokens() -> list[Tokens]:
    assert library.kernels() is not None
    engine = tiny_engine(slots=1)
    engine.open(7, "home")
    return written(run(engine, {7: noise(7, CHUNKS)})[7])


@pytest.fixture(params=["no compiler", "a compiler that fails"])
def without_kernels(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    bad = None if request.param == "no compiler" else shutil.which("false")
    monkeypatch.setattr(shutil, "which", lambda name: bad)
    monkeypatch.setenv("HOME", str(tmp_path))
    library.kernels.cache_clear()
    yield
    library.kernels.cache_clear()


@with_compiler
@pytest.mark.usefixtures("without_kernels")
def test_where_nothing_can_be_compiled_torch_serves_the_same_tokens_and_says_so_once(
    caplog: pytest.LogCaptureFixture, compiled_tokens: list[Tokens]
) -> None:
    engines = [tiny_engine(slots=1) for _ in range(2)]
    for engine in engines:
        engine.open(7, "home")
        assert written(run(engine, {7: noise(7, CHUNKS)})[7]) == compiled_tokens
    (record,) = caplog.records
    assert record.levelname == "WARNING" and "torch" in record.getMessage()


@with_compiler
def test_kernels_that_lie_in_the_home_leave_no_temporary_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    library.kernels.cache_clear()
    assert library.kernels() is not None
    assert not list(tmp_path.iterdir())


def test_a_tensor_is_packed_as_the_kernels_read_it() -> None:
    weight = torch.arange(20 * 3).view(20, 3).float()
    packed = library.packed(weight)
    assert packed.shape == (2, 3, library.LANES)
    for out in range(20):
        assert torch.equal(packed[out // library.LANES, :, out % library.LANES].float(), weight[out])
    assert not packed[1, :, 4:].any()
