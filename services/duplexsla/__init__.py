"""DuplexSLA Serve: full-duplex spoken conversations that listen, speak and act on one 160 ms clock."""

__version__ = "0.1.0"
