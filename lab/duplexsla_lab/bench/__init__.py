"""DuplexSLA-Bench (paper section 5): cases, the streaming protocol, the scorer, the report."""
