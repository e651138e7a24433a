"""The cascade of table 5: a streaming recogniser, an endpoint, a text planner, a synthesizer."""
