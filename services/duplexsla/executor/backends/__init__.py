"""One file per kind of device; all of them behind the `Device` port."""
