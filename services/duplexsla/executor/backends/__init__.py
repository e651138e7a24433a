"""One file per kind of device; all of them behind the `Device` port."""

from duplexsla.executor.backends.device import Device, DeviceCall, Effect, NoAnswer, TooLate

__all__ = ["DeviceCall", "Device", "Effect", "NoAnswer", "TooLate"]
