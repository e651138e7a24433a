"""Keeps up what it would cost to delete each decoder pod, so that scale-in picks the emptiest."""
