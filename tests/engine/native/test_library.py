"""The kernels are compiled once; without them torch serves; weights lie as the kernels read them."""

import platform
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tests.support.engine_backends import with_compiler
from tests.support.tiny_engine import noise, run, tiny_engine, written

from duplexsla.engine.native import library
from duplexsla.errors import KernelsMissing

CHUNKS = 25
Tokens = tuple[str, tuple[int, ...], list[str]]


@pytest.fixture(scope="module")
def compiled_tokens() -> list[Tokens]:
    assert library.load_kernels() is not None
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
    library.load_kernels.cache_clear()
    yield
    library.load_kernels.cache_clear()


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
    library.load_kernels.cache_clear()
    assert library.load_kernels() is not None
    assert not list(tmp_path.iterdir())


def test_a_tensor_is_packed_as_the_kernels_read_it() -> None:
    weight = torch.arange(20 * 3).view(20, 3).float()
    packed = library.packed(weight)
    assert packed.shape == (2, 3, library.LANES)
    for out in range(20):
        assert torch.equal(packed[out // library.LANES, :, out % library.LANES].float(), weight[out])
    assert not packed[1, :, 4:].any()


AVX2, AVX512 = (kind.instructions for kind in reversed(library.KINDS))


def test_the_widest_kernels_are_taken_that_the_processor_can_run() -> None:
    assert library.kind_for("auto", AVX512, "x86_64").name == "avx512"
    assert library.kind_for("any", AVX2, "x86_64").name == "avx2"
    assert library.kind_for("avx2", AVX512, "x86_64").name == "avx2"
    assert library.kind_for("auto", (), "aarch64").name == "native"


@pytest.mark.parametrize(
    ("choice", "flags", "architecture", "told"),
    [
        ("avx512", AVX2, "x86_64", "lacks avx512bw.*for avx512: take avx2 or torch"),
        ("avx2", ["sse2"], "x86_64", "lacks avx2.*for avx2: take torch"),
        ("auto", ["sse2"], "x86_64", "lacks avx2.*only torch can serve"),
        ("avx2", (), "aarch64", "this is aarch64: take native or torch"),
    ],
)
def test_kernels_that_the_processor_cannot_run_are_refused_with_what_it_lacks(
    choice: library.KernelChoice, flags: list[str], architecture: str, told: str
) -> None:
    with pytest.raises(KernelsMissing, match=told):
        library.kind_for(choice, flags, architecture)


@pytest.mark.slow
@with_compiler
@pytest.mark.parametrize("kind", library.KINDS, ids=lambda kind: kind.name)
def test_the_kernels_of_every_kind_compile(kind: library.KernelKind, tmp_path: Path) -> None:
    library.build(kind, tmp_path / library.file_name(kind))
    assert (tmp_path / library.file_name(kind)).stat().st_size > 10_000


@with_compiler
def test_a_damaged_prebuilt_file_is_named_with_what_mends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kind = library.kind_for("auto", library.processor_flags(), platform.machine())
    assert library.load_kernels("auto") is not None
    good = Path.home() / ".cache" / "duplexsla" / library.file_name(kind)
    damaged = tmp_path / good.name
    damaged.write_bytes(b"no library")
    monkeypatch.setattr(library, "PREBUILT", tmp_path)
    library.load_kernels.cache_clear()
    try:
        with pytest.raises(KernelsMissing, match=f"{damaged.name} is damaged .*remove it, or build it again"):
            library.load_kernels("auto")
        shutil.copy(good, damaged)
        loaded = library.load_kernels("auto")
        assert loaded is not None and loaded.kind == kind.name
    finally:
        library.load_kernels.cache_clear()


@with_compiler
@pytest.mark.usefixtures("without_kernels")
def test_where_torch_may_not_serve_missing_kernels_are_an_error() -> None:
    with pytest.raises(KernelsMissing):
        library.load_kernels("auto")
    assert library.load_kernels("torch") is None
