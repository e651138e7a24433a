"""Faults thrown at the real system in the middle of live calls: `python -m tests.faults --help`."""
