"""The gateway: holds the clients' streams, paces their sessions, and stands between decoders, broker and
store.
"""
