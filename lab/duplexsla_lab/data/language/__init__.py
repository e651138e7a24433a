"""Conversations as text: carrier phrases, exchanges, hesitation, backchannels, scenarios of every family."""
