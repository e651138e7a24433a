"""Conversations as text: small talk, hesitation, backchannels, barge-in, and scenarios of every family."""
