"""Streaming inference: many sessions, one tick. No network, no event loop, no clock of its own."""
