"""Audio files at the edge of the system."""
