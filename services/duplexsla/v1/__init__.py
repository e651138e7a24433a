"""Generated from protos/duplexsla/v1 by `make stubs`; never edited."""
