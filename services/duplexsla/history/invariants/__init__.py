"""The invariant checker: which of I1 to I11 do these rows break, by which lines?

One rule per invariant, each a class that sees the rows of the kinds it knows, in order of time, and holds no
more than a few words per session and action. A rule without such rows says nothing.

    I1   no device effect twice for one action id     I6   no acknowledged action lost, no untrue outcome
    I2   no effect after expires_at                   I7   no session voiced by two decoders
    I3   no effect from a stale fence                 I8   every drop is counted
    I4   order per home                               I9   streamed equals whole
    I5   chunk indexes rise, gaps are declared        I10  one bad session never harms another
    I11  what is said to have been done was done
"""

from duplexsla.history.invariants.checker import INVARIANTS, CheckReport, check_invariants
from duplexsla.history.invariants.rule import Finding, Slack

__all__ = ["INVARIANTS", "Finding", "Slack", "CheckReport", "check_invariants"]
