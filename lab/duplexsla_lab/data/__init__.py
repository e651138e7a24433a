"""Training data: conversations as text, as sound, and on the 160 ms clock."""
