"""Makes the bench's cases: from a seed, out of what no training split holds."""
