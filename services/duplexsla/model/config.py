"""Shapes of the nano model; stored beside the weights and checked when they are loaded."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from duplexsla.errors import CheckpointError

FrontEndKind = Literal["mel", "speech_embedding"]


@dataclass(frozen=True, slots=True)
class NanoConfig:
    """One frozen set of shapes; `window` counts backbone positions."""

    vocab_size: int
    width: int = 256
    num_layers: int = 6
    num_heads: int = 4
    num_kv_heads: int = 2
    head_width: int = 64
    ff_width: int = 640
    window: int = 256  # positions of the stream that one position may see, itself included
    prompt_length: int = 8  # tokens of the pinned system prompt
    mel_bins: int = 80
    front_width: int = 256
    front_blocks: int = 3
    num_phones: int = 48  # classes of the training-only phone head
    code_width: int = 256  # hidden width of the code head
    front_end: FrontEndKind = "mel"  # "speech_embedding" has its own bands and widths

    def __post_init__(self) -> None:
        if self.num_heads % self.num_kv_heads:
            raise CheckpointError(f"{self.num_heads} heads cannot share {self.num_kv_heads} key-value heads")
        if self.front_end not in get_args(FrontEndKind):
            raise CheckpointError(
                f"unknown front end {self.front_end!r}: one of {', '.join(get_args(FrontEndKind))}"
            )
        if self.head_width % 2:
            raise CheckpointError(f"head_width {self.head_width} must be even for rotary positions")

    def to_dict(self) -> dict[str, int | str]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "NanoConfig":
        """Raises CheckpointError that names the fields that do not belong."""
        unknown = set(values) - set(cls.__slots__)
        if unknown:
            raise CheckpointError(
                f"unknown fields in the model's configuration: {', '.join(sorted(unknown))}"
            )
        try:
            return cls(**values)
        except TypeError as error:
            raise CheckpointError(f"incomplete model configuration: {error}") from error
