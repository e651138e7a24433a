"""Every figure names the class of processor that it was measured on."""

import pytest
from benchmarks.machine import machine, processor_class


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        (("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16"), "amx"),
        (("avx2", "avx512f"), "avx512"),
        (("avx2",), "avx2"),
        ((), "plain"),
    ],
)
def test_the_widest_arithmetic_names_the_class(flags: tuple[str, ...], name: str) -> None:
    assert processor_class(flags) == name


def test_a_machine_says_its_class_beside_its_name() -> None:
    assert machine()["cpu_class"] and machine()["cpu"]
