"""Spoken scenarios on the 160 ms clock: speech, action channel, training sessions and their batches."""
