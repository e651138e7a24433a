"""Homes whose devices are at an MQTT 5 broker and announce themselves as Home Assistant's discovery has it.

Zigbee2MQTT announces its devices so, and Tasmota with SetOption19. `discovery` and `device_messages` have no
I/O, `broker_connection` is one connection, `mqtt_home` the device.
"""
