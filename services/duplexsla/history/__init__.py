"""Histories: what each part of the system did, as JSON lines, and the checker of invariants that reads them.

    history = open_history(setting("HISTORY", str, ""), "executor")   # off when the setting is empty
    history.write(events.action_claimed(event.action.id, fence=event.fence, how="claimed"))
    ...
    history.close(counts)

A row has `at` (Unix ms), `by` (service:process id), `kind` and what `events` says of its kind. Any service
may write, none waits for it: rows go through a bounded buffer and a thread, and those that find it full are
counted. `duplexsla check` reads any set of histories and says which invariant was broken, by which lines.
"""

from duplexsla.history.writer import NO_HISTORY, HistoryFile, HistoryLog, NoHistory, open_history

__all__ = ["NO_HISTORY", "HistoryFile", "HistoryLog", "NoHistory", "open_history"]
