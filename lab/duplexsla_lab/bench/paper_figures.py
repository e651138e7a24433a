"""The figures of the paper's tables 5, 6 and 7: accuracy in percent, delay in seconds."""

from dataclasses import dataclass

Figure = tuple[float, float | None]  # accuracy, delay; None: not measured (N/A)


@dataclass(frozen=True, slots=True)
class PaperTable:
    """`columns` are scenarios; `averaged`: its first figure is the mean over the columns."""

    title: str
    columns: tuple[str, ...]
    averaged: bool
    rows: dict[str, tuple[Figure, ...]]


TOOL_CALLS = PaperTable(
    "Table 5: tool calls",
    ("single", "multi", "backchannel_action"),
    True,
    {
        "ASR + LLM sys": ((91.33, 2.77), (89.33, 2.33), (89.33, 4.71), (95.33, 1.27)),
        "DuplexSLA": ((85.56, 0.64), (85.67, 0.67), (75.00, 0.68), (96.00, 0.57)),
    },
)
PREFILLED = PaperTable(
    "Table 6: turn taking, dialogue prefilled",
    ("normal", "pause", "interrupt", "backchannel"),
    False,
    {
        "DuplexSLA": ((96.00, 0.27), (93.33, 0.27), (99.33, 0.40), (98.33, 0.32)),
        "gemini-3.1-flash-live": ((93.67, 1.18), (94.33, 1.17), (63.67, 0.62), (40.00, None)),
        "gpt-realtime-1.5 (semantic-vad-high)": ((91.33, 1.67), (90.33, 1.68), (79.00, 0.68), (0.33, None)),
        "gpt-realtime-1.5 (server-vad-40ms)": ((82.33, 0.95), (71.00, 1.02), (77.00, 0.72), (13.00, None)),
    },
)
NOT_PREFILLED = PaperTable(
    "Table 7: turn taking, nothing prefilled",
    ("normal", "pause"),
    True,
    {
        "DuplexSLA": ((94.34, 0.30), (95.67, 0.29), (93.00, 0.31)),
        "Freeze-Omni": ((10.67, 0.36), (10.33, 0.40), (11.00, 0.33)),
        "PersonaPlex": ((22.34, 0.47), (22.67, 0.38), (22.00, 0.55)),
        "MiniCPM-o": ((82.00, 0.61), (83.33, 0.62), (80.67, 0.59)),
        "gemini-3.1-flash-live": ((93.17, 1.17), (93.67, 1.16), (93.67, 1.18)),
        "gpt-realtime-1.5 (semantic-vad-high)": ((96.50, 1.57), (96.70, 1.57), (96.30, 1.57)),
        "gpt-realtime-1.5 (server-vad-40ms)": ((85.50, 0.83), (91.30, 0.83), (79.70, 0.83)),
    },
)
