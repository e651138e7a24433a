"""Names of protobuf's enum values for people: logs, metrics, JSON, the action channel.

A value that a newer version has sent is told as unknown; it never harms what comes beside it.
"""

import re

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

UNKNOWN = "unknown_value"


def enum_name(enum: EnumTypeWrapper, value: int) -> str:
    """Lower-case name without the enum's own: OUTCOME_STATE_DONE is "done". UNKNOWN where there is none."""
    try:
        name = enum.Name(value)
    except ValueError:
        return UNKNOWN
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.DESCRIPTOR.name).upper() + "_"
    return name.removeprefix(prefix).lower()
