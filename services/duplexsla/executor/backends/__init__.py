"""One file per kind of device; all of them behind the `Device` port."""

from duplexsla.executor.backends.device import Call, Device, Effect, NoAnswer, TooLate

__all__ = ["Call", "Device", "Effect", "NoAnswer", "TooLate"]
