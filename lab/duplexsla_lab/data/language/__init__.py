"""Words and phrases: carrier phrases, exchanges, spoken numbers, replies, topics of the world."""
