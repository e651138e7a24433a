"""Rules about the chunks of a session: I5, I7 and I9."""

import math
from collections import OrderedDict
from collections.abc import Mapping

from duplexsla.history.invariants.effects import Seen
from duplexsla.history.invariants.rule import Finding, Findings, Handler, Slack
from duplexsla.history.reader import HistoryLine

KEPT_CHUNKS = 4_096  # of a session, whose digests are compared
Digests = dict[str, OrderedDict[tuple[int, int], Seen]]  # by session; then by chunk and placement


class ChunksRise:
    """I5: chunk indexes rise, and those that are passed over are declared: to the client, by each owner."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, ...], Seen] = {}  # index by stream
        self._missing: dict[
            tuple[str, ...], list[tuple[int, int, str]]
        ] = {}  # [first, after the last), place
        self._declared: dict[tuple[str, ...], list[tuple[int, int]]] = {}

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "chunk.received": lambda line: self._chunk(line, (line.row["session"], "client")),
            "chunk.sent": lambda line: self._chunk(line, (line.row["session"], str(line.row["fence"]))),
            "gap.received": lambda line: self._gap(line, "client"),
            "gap.declared": lambda line: self._gap(line, "owner"),
        }

    def _chunk(self, line: HistoryLine, stream: tuple[str, ...]) -> Findings:
        index, last = line.row["chunk"], self._last.get(stream)
        if last is not None and index <= last.value:
            what = f"session {stream[0]}: chunk {index} came after chunk {last.value}"
            yield Finding("I5", what, (last.where, line.where))
            return
        if last is not None and index > last.value + 1:
            self._missing.setdefault(stream, []).append((last.value + 1, index, line.where))
        self._last[stream] = Seen(index, line.where)

    def _gap(self, line: HistoryLine, whose: str) -> Findings:
        row = line.row
        if row["what"] == "chunks":
            span = (row["first_chunk"], row["first_chunk"] + row["chunks"])
            self._declared.setdefault((row["session"], whose), []).append(span)
        return ()

    def end(self) -> Findings:
        for stream, spans in self._missing.items():
            declared = self._declared.get((stream[0], "client" if stream[1] == "client" else "owner"), [])
            for first, end, where in spans:
                if missing := _undeclared(first, end, declared):
                    what = f"session {stream[0]}: {missing} of chunks {first} to {end - 1} are missing"
                    yield Finding("I5", what, (where,))


def _undeclared(first: int, end: int, declared: list[tuple[int, int]]) -> int:
    """How many of the indexes from `first` on, before `end`, lie in none of the spans."""
    missing, at = 0, first
    for start, after in sorted(declared):
        missing += max(0, min(start, end) - at)
        at = max(at, min(after, end))
    return missing + max(0, end - at)


class OneDecoderPerSession:
    """I7: once a newer owner or placement sends chunks to the client, none before it does."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._newest: dict[
            str, tuple[tuple[int, int], HistoryLine]
        ] = {}  # source and its first row, by session
        self._accepted: dict[tuple[str, str], Seen] = {}  # placement by decoder and session

    def handlers(self) -> Mapping[str, Handler]:
        return {"chunk.sent": self._sent_by, "step.accepted": self._accept}

    def end(self) -> Findings:
        return ()

    def _sent_by(self, line: HistoryLine) -> Findings:
        row = line.row
        source, session = (row["fence"], row["placement"]), row["session"]
        newest = self._newest.get(session)
        if newest is None or source > newest[0]:
            self._newest[session] = (source, line)
        elif source < newest[0] and row["at"] > newest[1].row["at"] + self._apart_ms(line, newest[1]):
            what = f"session {session}: placement {source[1]} was heard after placement {newest[0][1]}"
            yield Finding("I7", what, (newest[1].where, line.where))

    def _apart_ms(self, one: HistoryLine, other: HistoryLine) -> float:
        """How far the clocks of two rows may be apart; those of one process are in its order."""
        return -math.inf if one.row["by"] == other.row["by"] else self._slack.clocks_ms

    def _accept(self, line: HistoryLine) -> Findings:
        row = line.row
        key = (row["by"], row["session"])
        newest = self._accepted.get(key)
        if newest is not None and row["placement"] < newest.value:
            what = (
                f"session {row['session']}: a decoder took placement {row['placement']} after {newest.value}"
            )
            yield Finding("I7", what, (newest.where, line.where))
        else:
            self._accepted[key] = Seen(row["placement"], line.where)


class StreamedEqualsWhole:
    """I9: what was sent of a chunk is what its decoder wrote, and what one pass over the whole gives."""

    def __init__(self) -> None:
        self._steps: Digests = {}
        self._sent_digests: Digests = {}  # of whatever placement, as 0

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "step.accepted": self._step,
            "chunk.sent": self._sent,
            "step.reference": lambda line: self._compare(
                line, self._sent_digests, 0, "one pass over the whole"
            ),
        }

    def end(self) -> Findings:
        return ()

    def _step(self, line: HistoryLine) -> Findings:
        yield from self._compare(line, self._steps, line.row["placement"], "the same step")
        _keep(self._steps, line, line.row["placement"])

    def _sent(self, line: HistoryLine) -> Findings:
        yield from self._compare(line, self._steps, line.row["placement"], "its decoder")
        _keep(self._sent_digests, line, 0)

    def _compare(self, line: HistoryLine, others: Digests, key: int, who: str) -> Findings:
        row = line.row
        known = others.get(row["session"])
        other = None if known is None else known.get((row["chunk"], key))
        if other is not None and "digest" in row and row["digest"] != other.value:
            what = f"session {row['session']}: chunk {row['chunk']} is not what {who} wrote"
            yield Finding("I9", what, (other.where, line.where))


def _keep(kept: Digests, line: HistoryLine, key: int) -> None:
    if "digest" not in line.row:
        return
    rows = kept.setdefault(line.row["session"], OrderedDict())
    rows[line.row["chunk"], key] = Seen(line.row["digest"], line.where)
    if len(rows) > KEPT_CHUNKS:
        rows.popitem(last=False)
