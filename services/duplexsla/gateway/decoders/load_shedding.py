"""What is shed first when steps run late, and in which order it is taken up again.

    level  is shed, beside all above it
    1      traces: of 16 sessions one is traced (at the decoder, too)
    2      file sessions wait: nobody listens to them
    3      journals are written behind every 5 s instead of every second; of sessions that acted still at once
    4      new sessions: they are placed elsewhere, or refused with a hint when to try again; those who come
           back are let in

What happens at any level is not of this: a session that falls behind drops its oldest audio, declared.

Each decoder has a load shedder of its own at each gateway, so that one slow decoder does not close the
others. A gateway that is slow itself finds all of them late. Up in 2 s a level, down in 5 s, and in between
nothing changes: late means a larger share of steps than `UP`, calm a smaller one than `DOWN`.
"""

TRACES, FILES, JOURNALS, ADMISSION = 1, 2, 3, 4
NOTHING, ALL = 0, ADMISSION

UPDATE_S = 1.0
KEPT = 0.5  # of what was counted before an update
FEW_STEPS = 20  # fewer are counted as so many: one late step of one session is no overload
UP, DOWN = 0.05, 0.01  # share of late steps
UP_UPDATES, DOWN_UPDATES = 2, 5
TRACED_OF = 16
RETRY_AFTER_MS = 5_000  # for a session that was refused
HOLD_S = 0.5  # until a file session looks again
SAVE_S = 5.0  # between two savings of all journals


class LoadShedder:
    """One decoder's. `update` is called every UPDATE_S."""

    def __init__(self, top: int = ALL) -> None:
        """`top`: the highest level; NOTHING to shed nothing."""
        self._top = top
        self.level = 0
        self._steps = self._late = 0.0
        self._late_updates = self._calm_updates = 0

    @property
    def late_share(self) -> float:
        """Of the steps of about the last two updates."""
        return self._late / max(self._steps, FEW_STEPS)

    def count(self, late: bool) -> None:
        """One step of a live session."""
        self._steps += 1
        self._late += late

    def update(self) -> None:
        share = self.late_share
        self._late_updates = self._late_updates + 1 if share > UP else 0
        self._calm_updates = self._calm_updates + 1 if share < DOWN else 0
        if self._late_updates >= UP_UPDATES and self.level < self._top:
            self.level, self._late_updates = self.level + 1, 0
        elif self._calm_updates >= DOWN_UPDATES and self.level:
            self.level, self._calm_updates = self.level - 1, 0
        self._steps *= KEPT
        self._late *= KEPT

    def traces(self, session_id: int) -> bool:
        """Always the same of a session, so that what is traced is traced whole."""
        return self.level < TRACES or session_id % TRACED_OF == 0

    @property
    def holds_files(self) -> bool:
        return self.level >= FILES

    @property
    def admits(self) -> bool:
        return self.level < ADMISSION


class LoadShedders:
    """By the decoders' addresses."""

    def __init__(self, top: int) -> None:
        self._top = top
        self._shedders: dict[str, LoadShedder] = {}

    def of(self, address: str) -> LoadShedder:
        return self._shedders.setdefault(address, LoadShedder(self._top))

    @property
    def level(self) -> int:
        """The highest of all."""
        return max((shedder.level for shedder in self._shedders.values()), default=0)

    def update(self, known: set[str]) -> None:
        """Those of decoders that are not `known` any more are forgotten once they are calm."""
        for address, shedder in list(self._shedders.items()):
            shedder.update()
            if address not in known and not shedder.level:
                del self._shedders[address]
