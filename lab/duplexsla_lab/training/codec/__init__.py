"""The codec: two halves of training, resumable, on a budget of processor time."""
