"""Filled pauses: what people say while they think."""

FILLERS = ("um", "uh")
