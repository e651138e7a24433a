"""Faults thrown at the real system in the middle of live calls: `python -m benchmarks.faults --help`."""
