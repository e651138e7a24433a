"""Training of the codec and of the duplex model, and their evaluation."""
