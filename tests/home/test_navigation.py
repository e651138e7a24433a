"""The car's navigation."""

import pytest
from tests.support.simulated_car import Car

from duplexsla.errors import DeviceRefused


def test_a_route_has_waypoints_and_survives_its_closed_app(car: Car) -> None:
    with pytest.raises(DeviceRefused, match="no route"):
        car("add_waypoint", waypoint="bakery")
    direct = car("navigate", destination="airport")["minutes"]
    car("add_waypoint", waypoint="bakery")
    car("add_waypoint", waypoint="school")
    assert car("query_arrival_time")["value"] > direct
    assert car("remove_waypoint")["waypoint"] == "bakery"
    car("close_app", app="navigation")
    assert car["car navigation"]["state"] == "paused"
    assert car("resume_navigation")["destination"] == "airport"
    assert car["car navigation"]["waypoints"] == ["school"]


def test_distances_are_the_same_both_ways(car: Car) -> None:
    there = car("query_distance", destination="airport", origin="museum")
    back = car("query_distance", destination="museum", origin="airport")
    assert there["value"] == back["value"] > 0
