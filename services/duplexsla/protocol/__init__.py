"""The paper's format in pure Python: markers, serialization, action queue, grammar and parser."""
