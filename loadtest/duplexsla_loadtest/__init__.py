"""The load test: paced callers over the public interface, measures, objectives, a verdict."""
