"""A real one-node Kubernetes on this machine, and the test of the chart on it."""
