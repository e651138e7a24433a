"""What a microphone adds to a voice: rooms, channels, background noise."""
