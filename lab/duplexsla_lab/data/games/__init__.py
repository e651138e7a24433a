"""Recorded people in free games of Debian: speech that asks nothing of an assistant."""
