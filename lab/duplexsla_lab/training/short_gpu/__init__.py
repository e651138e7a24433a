"""Training on a bare machine with a GPU that is there for half an hour and reaches no package registry."""
