"""The simulated home and car: 64 functions that change or read real state, in process or over HTTP."""
