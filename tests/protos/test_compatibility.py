"""Versions meet on every wire during a rollout: what one does not know, it tells as unknown and passes on."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from duplexsla.enum_names import UNKNOWN, enum_name
from duplexsla.runtime.checkout import ROOT
from duplexsla.v1 import action_pb2, journal_pb2, session_pb2

FILES = (action_pb2, journal_pb2, session_pb2)


def released() -> descriptor_pool.DescriptorPool:
    """The messages of the newest release."""
    files = descriptor_pb2.FileDescriptorSet.FromString((ROOT / "protos" / "released.binpb").read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


OLD = released()


def both() -> Iterator[tuple[type[Message], type[Message]]]:
    """(released, present) class of every message that both know."""
    for module in FILES:
        for name, descriptor in module.DESCRIPTOR.message_types_by_name.items():
            try:
                old = OLD.FindMessageTypeByName(descriptor.full_name)
            except KeyError:
                continue
            yield message_factory.GetMessageClass(old), getattr(module, name)


PAIRS = list(both())
IDS = [new.DESCRIPTOR.name for _, new in PAIRS]


def filled(kind: type[Message]) -> Message:
    """Every field with a value of its own; of a oneof the last one."""
    message = kind()
    _fill(message, kind.DESCRIPTOR, depth=0)
    return message


def _fill(message: Message, descriptor: Descriptor, *, depth: int) -> None:
    for field in descriptor.fields:
        if field.message_type is not None:
            if depth < 3:
                _fill(_child(message, field), field.message_type, depth=depth + 1)
        elif field.is_repeated:
            getattr(message, field.name).extend([_value(field), _value(field)])
        else:
            setattr(message, field.name, _value(field))


def _child(message: Message, field: FieldDescriptor) -> Any:
    child = getattr(message, field.name)
    if field.is_repeated:
        return child.add()
    child.SetInParent()
    return child


def _value(field: FieldDescriptor) -> Any:
    if field.enum_type is not None:
        return max(value.number for value in field.enum_type.values)
    return {
        FieldDescriptor.CPPTYPE_STRING: b"b"
        if field.type == FieldDescriptor.TYPE_BYTES
        else f"f{field.number}",
        FieldDescriptor.CPPTYPE_BOOL: True,
        FieldDescriptor.CPPTYPE_DOUBLE: 0.5,
        FieldDescriptor.CPPTYPE_FLOAT: 0.5,
    }.get(field.cpp_type, field.number)


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=IDS)
def test_what_a_newer_part_sends_passes_through_an_older_one_unharmed(
    old: type[Message], new: type[Message]
) -> None:
    sent = filled(new)
    passed_on = old.FromString(sent.SerializeToString()).SerializeToString()
    assert new.FromString(passed_on) == sent


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=IDS)
def test_what_an_older_part_sends_means_the_same_to_a_newer_one(
    old: type[Message], new: type[Message]
) -> None:
    sent = filled(old)
    received = new.FromString(sent.SerializeToString())
    assert {field.name for field, _ in received.ListFields()} == {
        field.name for field, _ in sent.ListFields()
    }
    assert old.FromString(received.SerializeToString()) == sent


@pytest.mark.parametrize("value", [8, 99, 2**31 - 1, -1])
def test_a_value_without_a_name_is_told_as_unknown(value: int) -> None:
    for module in FILES:
        for name in module.DESCRIPTOR.enum_types_by_name:
            enum = getattr(module, name)
            known = value in enum.values()
            assert (enum_name(enum, value) == UNKNOWN) != known


def test_names_are_those_that_logs_and_metrics_have() -> None:
    assert enum_name(action_pb2.OutcomeState, action_pb2.OUTCOME_STATE_NOT_FOUND) == "not_found"
    assert enum_name(session_pb2.NoticeKind, session_pb2.NOTICE_KIND_AUDIO_GAP) == "audio_gap"
    assert enum_name(session_pb2.AttentionMode, 3) == "push_to_talk"
    assert enum_name(action_pb2.Delivery, action_pb2.DELIVERY_AT_MOST_ONCE) == "at_most_once"
