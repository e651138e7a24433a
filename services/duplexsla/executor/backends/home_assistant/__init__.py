"""Homes behind a Home Assistant, over its WebSocket API: 2024.3 and newer, with a long-lived token.

`service_calls`, `hub_registry` and `hub_properties` say what the hub's entities are and do, without I/O;
`hub_states` keeps a copy of its states, `hub_connection` is one socket, `home_assistant` the device.
"""
