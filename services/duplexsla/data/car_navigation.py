"""Requests about the way: nine functions."""

from duplexsla.data.car_pattern import Pattern, number_of, one_of
from duplexsla.data.car_words import PLACES, ROADS, WAYPOINTS
from duplexsla.tools.car import ROUTES, STOPS

_MINUTES = number_of(tuple(range(2, 96)), "minutes")
_KILOMETERS = number_of(tuple(range(1, 100)), "kilometers")
# A route's name is not a phrase: each has its own ways to be asked for.
_ROUTE_WORDS = {
    "fastest": "take the fastest route|i want the fastest way|switch to the fastest route",
    "shortest": "take the shortest route|i want the shortest way|switch to the shortest route",
    "alternative": "take an alternative route|show me an alternative route|is there an alternative way",
    "avoid tolls": "avoid tolls|i do not want to pay tolls|avoid tolls on the route",
    "avoid highways": "avoid highways|i do not want to take highways|a route to avoid highways please",
    "avoid traffic": "avoid traffic|find a way to avoid traffic|avoid traffic on the route",
    "scenic": "take the scenic route|i would like the scenic way|switch to the scenic route",
}

NAVIGATION = (
    Pattern(
        "navigate",
        "navigate to {destination}|take me to {destination}|drive to {destination}|"
        "start navigation to {destination}|i want to go to {destination}|show me the way to {destination}|"
        "directions to {destination}|bring me to {destination}",
        "navigating to {destination}|the route to {destination} is set|let us go to {destination}",
        {"destination": PLACES},
    ),
    *(
        Pattern(
            "change_navigation_route",
            _ROUTE_WORDS[route],
            "the route is changed|okay here is the new route",
            fixed={"preference": route},
        )
        for route in ROUTES
    ),
    Pattern(
        "add_waypoint",
        "add a stop at {waypoint}|add {waypoint} as a waypoint|stop at {waypoint} on the way|"
        "i need to stop at {waypoint}|add {waypoint} to the route|go by {waypoint} first",
        "{waypoint} is on the route|i added a stop at {waypoint}",
        {"waypoint": WAYPOINTS},
    ),
    Pattern(
        "remove_waypoint",
        "remove {waypoint} from the route|skip {waypoint}|cancel the stop at {waypoint}|"
        "delete the waypoint {waypoint}|we do not need to stop at {waypoint}|remove the next stop|"
        "skip the next stop",
        "the stop is removed|i removed {waypoint} from the route",
        {"waypoint": WAYPOINTS},
    ),
    Pattern(
        "resume_navigation",
        "resume navigation|continue the navigation|resume the route|go on with the navigation|"
        "continue the route guidance|pick up the navigation again",
        "the navigation goes on|okay we go on",
    ),
    Pattern(
        "query_arrival_time",
        "when do we arrive|when will we be there|how long until we arrive|what is the arrival time|"
        "when do we arrive at {destination}|how long to {destination}|when will i be at {destination}",
        "we arrive in {told}|you will be there in {told}",
        {"destination": PLACES},
        told=_MINUTES,
    ),
    Pattern(
        "query_distance",
        "how far is it to {destination}|what is the distance to {destination}|how far away is {destination}|"
        "how many kilometers to {destination}|how far is it from {origin} to {destination}|"
        "what is the distance from {origin} to {destination}",
        "it is {told}|it is {told} to {destination}",
        {"destination": PLACES[::2], "origin": PLACES[1::2]},
        told=_KILOMETERS,
    ),
    Pattern(
        "query_road_conditions",
        "how is the traffic|is there a traffic jam|how is the traffic on {road}|is {road} clear|"
        "what are the road conditions on {road}|check the traffic on {road}|is there a jam on {road}",
        "the traffic is {told}|the traffic on {road} is {told}",
        {"road": ROADS},
        told=one_of("clear", "slow", "congested"),
    ),
    Pattern(
        "search_along_route",
        "find a {category} along the route|is there a {category} on the way|"
        "search for a {category} on our way|"
        "i need a {category} on the way|show me the next {category}|look for a {category} along the way",
        "there is {told}|the next one is {told}",
        {"category": STOPS},
        told=one_of("central {category}", "{category} at the bridge", "old town {category}"),
    ),
)
