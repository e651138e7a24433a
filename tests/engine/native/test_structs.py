"""The kernels' structs are what the compiler makes of their declaration."""

import ctypes
import subprocess
from pathlib import Path

import pytest
import torch
from tests.support.engine_backends import with_compiler

from duplexsla.engine.code_decoder import CodeHeadStruct
from duplexsla.engine.native.audio import ConvBlockStruct, StridedConvStruct
from duplexsla.engine.native.backbone import BackboneStruct, LayerStruct
from duplexsla.engine.native.speech_embedding import EmbeddingStruct, TapConvStruct
from duplexsla.engine.native.structs import HEADER, MEMBERS, Struct

STRUCTS: list[type[Struct]] = [
    LayerStruct, BackboneStruct, ConvBlockStruct, StridedConvStruct, CodeHeadStruct, TapConvStruct,
    EmbeddingStruct,
]  # fmt: skip


def test_every_declared_struct_has_its_class() -> None:
    assert {struct.__name__.removesuffix("Struct") for struct in STRUCTS} == MEMBERS.keys()


@with_compiler
def test_every_member_lies_where_the_compiler_puts_it(tmp_path: Path) -> None:
    lines = [
        f'printf("%zu %zu\\n", offsetof({name}, {member}), sizeof((({name} *)0)->{member}));'
        for name, members in MEMBERS.items()
        for member, _ in members
    ]
    source = tmp_path / "offsets.c"
    headers = "#include <stddef.h>\n#include <stdio.h>\n" + f'#include "{HEADER}"\n'
    source.write_text(headers + "int main(void) {\n" + "\n".join(lines) + "\n}\n")
    subprocess.run(["cc", "-o", tmp_path / "offsets", source], check=True)
    printed = subprocess.run([tmp_path / "offsets"], check=True, capture_output=True, text=True).stdout
    compiled = [tuple(map(int, line.split())) for line in printed.splitlines()]
    classes = {struct.__name__.removesuffix("Struct"): struct for struct in STRUCTS}
    fields = [getattr(classes[name], member) for name, members in MEMBERS.items() for member, _ in members]
    assert [(field.offset, field.size) for field in fields] == compiled


def test_a_member_that_is_left_out_or_unknown_is_refused() -> None:
    values = {member: 1 for member, _ in MEMBERS["StridedConv"]}
    with pytest.raises(AssertionError, match="bias"):
        StridedConvStruct(**{name: value for name, value in values.items() if name != "bias"})
    with pytest.raises(AssertionError, match="biases"):
        StridedConvStruct(**values, biases=1)


def test_a_tensor_whose_memory_has_gaps_is_refused() -> None:
    values: dict[str, int | torch.Tensor] = {member: 1 for member, _ in MEMBERS["StridedConv"]}
    with pytest.raises(AssertionError):
        StridedConvStruct(**(values | {"bias": torch.zeros(4, 4).t()[1:]}))


def test_numbers_and_addresses_are_read_back() -> None:
    bias = torch.zeros(4)
    values: dict[str, int | torch.Tensor] = {member: 0 for member, _ in MEMBERS["StridedConv"]}
    struct = StridedConvStruct(**(values | {"kernel": 7, "bias": bias}))
    assert struct.kernel == 7 and ctypes.sizeof(struct) == 8 * len(values)
    assert struct.bias == bias.data_ptr()  # type: ignore[attr-defined]
