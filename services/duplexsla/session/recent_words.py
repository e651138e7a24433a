"""The newest words of both sides, for a model that knows nothing of the dialogue. Nothing waits."""

MAX_CHARS = 22  # of each side; a line of the service has room for both


class RecentWords:
    """The end of the user's newest turn, and of what the assistant said last."""

    def __init__(self) -> None:
        self._heard, self._said = "", ""
        self._heard_over = self._said_over = False

    def hear(self, text: str) -> None:
        """The user's transcript goes on."""
        self._heard = _newest(text if self._heard_over else self._heard + text)
        self._heard_over = False

    def say(self, text: str) -> None:
        """The assistant's words go on."""
        self._said = _newest(text if self._said_over else self._said + text)
        self._said_over = False

    def end_turn(self) -> None:
        """A label: the next word of the user begins a turn, the next of the assistant a reply."""
        self._heard_over = self._said_over = True

    def __str__(self) -> str:
        """ "turn on the light you okay the light"; empty where nobody has spoken."""
        said = f"you {self._said}" if self._said else ""
        return f"{self._heard} {said}".strip()


def _newest(text: str) -> str:
    """The end of it, from a word's beginning; a longer word is cut."""
    end = text[-MAX_CHARS - 1 :]
    return end if len(text) <= MAX_CHARS or " " not in end else end[end.index(" ") + 1 :]
