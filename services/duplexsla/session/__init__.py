"""What a session decides, without waiting for anything: chunks, clocks, gaps, dialogue, journal."""
