"""A decoder behind the real Triton that hears nothing and writes what a script says.

It is the model of integration and conformance tests that are not about hearing. Rows, fences, slots, pasts,
drains and metrics are those of the shipped model.py; only the engine behind it is another one.
"""
