"""Keeps the deletion cost of each decoder pod up to date, so that scale-in picks the emptiest."""
