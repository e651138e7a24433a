"""Pieces with a meaning: the markers of paper section 2.2, and the lanes of the action channel.

One token is one piece of text. A marker is always one whole piece and never part of an ordinary one.
"""

PAD = "<pad>"

USER_AUDIO_BEGIN = "<|user_audio_begin|>"
USER_AUDIO_END = "<|user_audio_end|>"
ASSISTANT_AUDIO_BEGIN = "<|assistant_audio_begin|>"
ASSISTANT_AUDIO_END = "<|assistant_audio_end|>"
ACTION_END = "<|action_end|>"
TOOLCALL_BEGIN = "<|toolcall_begin|>"
TOOLCALL_END = "<|toolcall_end|>"

VAD_SILENCE = "<vad_silence>"  # anchor of a chunk in which nothing is said
TTS_PAD = "<tts_pad>"  # anchor of a chunk that goes on with an earlier chunk's text

RESPONSE = "<response>"
INTERRUPT = "<interrupt>"
BACKCHANNEL = "<backchannel>"
LABELS = (RESPONSE, INTERRUPT, BACKCHANNEL)

USER_FEATURE = "U"  # place of one continuous 80 ms feature in a serialized chunk

# An audio code is eight ternary digits, the first the least: finite scalar quantization with three levels.
CODE_LEVELS, CODE_DIGITS = 3, 8
AUDIO_CODES = CODE_LEVELS**CODE_DIGITS  # 6,561

# Lanes of the action channel. Bare words are the delayed transcript of the user.
PLANNING_OPEN = " ("
PLANNING_CLOSE = ")"
PLANNING_MORE = "+"  # last in a plan when another sentence follows the planned one
OUTCOME_OPEN = " ["  # what became of an action: written by the service, never by the model
OUTCOME_CLOSE = "]"
ASSISTANT_WORD = " ~"  # the next word is the delayed transcript of the assistant
LANES = (PLANNING_OPEN, PLANNING_CLOSE, OUTCOME_OPEN, OUTCOME_CLOSE, ASSISTANT_WORD)

# JSON of a tool call, cut so that names and values stand alone. A text value follows with one leading space.
CALL_OPEN = '{"function": "'
ARGUMENTS_OPEN = '", "arguments": {"'
NO_ARGUMENTS = '", "arguments": {}}'
TEXT_VALUE = '": "'
NUMBER_VALUE = '": '
NEXT_AFTER_TEXT = '", "'
NEXT_AFTER_NUMBER = ', "'
CLOSE_AFTER_TEXT = '"}}'
CLOSE_AFTER_NUMBER = "}}"
SKELETON = (
    CALL_OPEN, ARGUMENTS_OPEN, TEXT_VALUE, NUMBER_VALUE, NEXT_AFTER_TEXT, NEXT_AFTER_NUMBER, CLOSE_AFTER_TEXT,
    CLOSE_AFTER_NUMBER, NO_ARGUMENTS,
)  # fmt: skip

FRAME_MARKERS = (USER_AUDIO_BEGIN, USER_AUDIO_END, ASSISTANT_AUDIO_BEGIN, ASSISTANT_AUDIO_END, ACTION_END)
_MARKERS = frozenset((PAD, *FRAME_MARKERS, TOOLCALL_BEGIN, TOOLCALL_END, VAD_SILENCE, TTS_PAD, *LABELS))


def audio_piece(code: int) -> str:
    """Piece of one 40 ms audio code in 0..6560."""
    return f"<|audio_{code}|>"


def is_marker(piece: str) -> bool:
    return piece in _MARKERS or (piece.startswith("<|audio_") and piece.endswith("|>"))
