"""Of every test: how many examples hypothesis draws, and that none fails because a machine is busy."""

from hypothesis import settings

settings.register_profile("unit", max_examples=25, deadline=None)  # `make unit` asks for it by name
settings.register_profile("test", deadline=None)
settings.load_profile("test")
