"""The kernels' structs, as kernels/structs.h declares them: one declaration for both sides."""

import ctypes
import re
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

HEADER = Path(__file__).with_name("kernels") / "structs.h"
_COMMENT = re.compile(r"//.*")
_STRUCT = re.compile(r"typedef struct \{(.*?)\} (\w+);", re.DOTALL)
_MEMBER = re.compile(r"(\*?)(\w+)\s*(?:,|$)")  # at the end of each part of `const float *gain, *bias`


def _members(body: str) -> list[tuple[str, type[ctypes.c_void_p | ctypes.c_int64]]]:
    return [
        (name, ctypes.c_void_p if pointer else ctypes.c_int64)
        for declaration in body.split(";")
        for pointer, name in _MEMBER.findall(declaration.strip())
    ]


MEMBERS = {name: _members(body) for body, name in _STRUCT.findall(_COMMENT.sub("", HEADER.read_text()))}


class Struct(ctypes.Structure):
    """A struct of the kernels, whose `_fields_` are MEMBERS of its declaration. Given its numbers, addresses
    and tensors by name, all of them; it holds the tensors.
    """

    def __init__(self, **values: int | Tensor) -> None:
        names = {name for name, *_ in self._fields_}
        assert values.keys() == names, (type(self).__name__, values.keys() ^ names)
        self._held = [value for value in values.values() if isinstance(value, Tensor)]
        assert all(tensor.is_contiguous() for tensor in self._held), type(self).__name__
        super().__init__(**{k: v.data_ptr() if isinstance(v, Tensor) else v for k, v in values.items()})


class StructArray:
    """Structs of one kind, end to end, as the kernels read them."""

    def __init__(self, structs: Sequence[Struct]) -> None:
        self._structs, self.count = list(structs), len(structs)
        self._array = (type(structs[0]) * len(structs))()
        size = ctypes.sizeof(structs[0])
        for at, struct in enumerate(structs):
            ctypes.memmove(ctypes.byref(self._array, at * size), ctypes.byref(struct), size)
        self.address = ctypes.addressof(self._array)
