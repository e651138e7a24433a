"""The tool executor: actions from Kafka, each one done at most once, in order per home, before it expires."""
