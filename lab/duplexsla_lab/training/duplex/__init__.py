"""The duplex model in the two stages of paper section 4."""
