"""What may act, by attention, the resolver's answer, confidence, words heard and policy. Pure."""
