"""What a session decides, without waiting for anything: cutting, pacing, turns, gaps, placement, owners."""
