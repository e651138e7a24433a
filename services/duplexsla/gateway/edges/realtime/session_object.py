"""The session object of the Realtime protocol: what a client sets is kept and sent back whole."""

import json
from collections.abc import Mapping
from typing import Any

from duplexsla.gateway.edges.realtime.event_checks import Event, EventRefused

# Of the protocol, as `audio/` knows them: encoding and rate in Hz.
FORMATS: Mapping[str, tuple[str, int]] = {
    "audio/pcm": ("pcm_s16le", 24_000),
    "audio/pcmu": ("mu_law", 8_000),
    "audio/pcma": ("a_law", 8_000),
}
MOST_CHARS = 65_536
MERGED = (("audio",), ("audio", "input"), ("audio", "output"))  # field by field; others are replaced


class SessionObject:
    """`value` is what the client is shown."""

    def __init__(self, session: str, model: str) -> None:
        pcm = {"type": "audio/pcm", "rate": 24_000}
        self.value: dict[str, Any] = {
            "type": "realtime",
            "object": "realtime.session",
            "id": session,
            "model": model,
            "output_modalities": ["audio"],
            "instructions": "",
            "tools": [],
            "tool_choice": "none",
            "audio": {
                "input": {
                    "format": pcm,
                    "transcription": None,
                    "noise_reduction": None,
                    "turn_detection": None,
                },
                "output": {"format": pcm, "voice": "duplexsla", "speed": 1.0},
            },
        }

    def update(self, given: Event, *, sounding: bool) -> None:
        """All of it, or nothing: EventRefused. `sounding`: formats are in use and stay as they are."""
        kept = {"object": self.value["object"], "id": self.value["id"], "model": self.value["model"]}
        made = _merged(self.value, given, ()) | kept
        if len(json.dumps(made)) > MOST_CHARS:
            raise EventRefused(f"a session has at most {MOST_CHARS:,} characters", param="session")
        if made["type"] != "realtime":
            raise EventRefused("session.type: realtime is served", param="session.type")
        if made["output_modalities"] != ["audio"]:
            raise EventRefused('the service speaks: ["audio"]', param="session.output_modalities")
        if made["tools"]:
            raise EventRefused(
                "tools of a client are not served: the service runs the functions of its toolset itself",
                code="tools_not_served",
                param="session.tools",
            )
        for way in ("input", "output"):
            format_of(made, way)
            if sounding and format_of(made, way) != format_of(self.value, way):
                raise EventRefused(
                    "the format of a session that has sound stays", param=f"session.audio.{way}"
                )
        self.value = made

    def format(self, way: str) -> tuple[str, int]:
        """Encoding and rate of "input" or "output"."""
        return FORMATS[format_of(self.value, way)]


def format_of(session: Mapping[str, Any], way: str) -> str:
    """Its name; EventRefused for one that is not served."""
    found = session["audio"][way].get("format")
    kind = found.get("type") if isinstance(found, dict) else None
    if not isinstance(kind, str) or kind not in FORMATS:
        raise EventRefused(f"a type of {', '.join(FORMATS)}", param=f"session.audio.{way}.format")
    rate = found.get("rate", FORMATS[kind][1]) if isinstance(found, dict) else None
    if rate != FORMATS[kind][1]:
        raise EventRefused(f"{kind} has {FORMATS[kind][1]:,} Hz", param=f"session.audio.{way}.format.rate")
    return kind


def _merged(old: Mapping[str, Any], given: Event, path: tuple[str, ...]) -> dict[str, Any]:
    made = dict(old)
    for key, value in given.items():
        if (*path, key) in MERGED:
            if not isinstance(value, dict):
                raise EventRefused("an object", param=".".join(("session", *path, key)))
            made[key] = _merged(old[key], value, (*path, key))
        else:
            made[key] = value
    return made
