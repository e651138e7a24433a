"""Requests about the way: nine functions."""

from duplexsla.tools.car import ROUTES, STOPS
from duplexsla_lab.data.car.names import PLACES, ROADS, WAYPOINTS
from duplexsla_lab.data.language.intent_pattern import IntentPattern, number_of, one_of

_MINUTES = number_of(tuple(range(2, 96)), "minutes")
_KILOMETERS = number_of(tuple(range(1, 100)), "kilometers")
# Some routes are asked for by their name, as "the fastest route"; to avoid something has ways of its own.
_NAMED_ROUTE = (
    "take the {it} route|take the {it} way|i want the {it} way|i want the {it} route|"
    "switch to the {it} route|"
    "i would like the {it} route|choose the {it} route|use the {it} route|show me the {it} route|"
    "go the {it} way|the {it} route|we want the {it} way|find the {it} route|change to the {it} route|"
    ""
    "we should take the {it} route"
)
_AVOIDING = (
    "avoid {it}|i want to avoid {it}|find a way to avoid {it}|avoid {it} on the route|stay away from {it}|"
    "find a route without {it}|i would like a route without {it}|take a way without {it}|"
    "change the route to avoid {it}|we want to avoid {it}|i do not want {it} on the route|"
    "is there a way without {it}|show me a route without {it}|we should avoid {it}"
)


def _route_cores(route: str) -> str:
    avoided = route.removeprefix("avoid ")
    return (_NAMED_ROUTE if avoided == route else _AVOIDING).replace("{it}", avoided)


NAVIGATION = (
    IntentPattern(
        "navigate",
        "navigate to {destination}|take me to {destination}|take us to {destination}|drive to {destination}|"
        "drive me to {destination}|start navigation to {destination}|i want to go to {destination}|"
        "show me the way to {destination}|get me to {destination}|bring me to {destination}|"
        "we need to go to {destination}|i need to get to {destination}|i would like to go to {destination}|"
        "go to {destination}|we want to drive to {destination}|find the way to {destination}|"
        "set the navigation to {destination}|set the route to {destination}|i have to be at {destination}|"
        "give me directions to {destination}|the way to {destination}|how do i get to {destination}|"
        "which way is it to {destination}",
        "navigating to {destination}|the route to {destination} is set|let us go to {destination}|"
        "here is the way to {destination}|we are on the way to {destination}",
        {"destination": PLACES},
    ),
    *(
        IntentPattern(
            "change_navigation_route",
            _route_cores(route),
            "the route is changed|okay here is the new route|i changed the route|done this is the new route",
            fixed={"preference": route},
        )
        for route in ROUTES
    ),
    IntentPattern(
        "add_waypoint",
        "add a stop at {waypoint}|add {waypoint} as a waypoint|stop at {waypoint} on the way|"
        "i need to stop at {waypoint}|add {waypoint} to the route|go by {waypoint} first|"
        "i want to stop at {waypoint}|we need to stop at {waypoint}|make a stop at {waypoint}|"
        "put {waypoint} on the route|drive by {waypoint} on the way|we have to go by {waypoint} first|"
        "i would like to stop at {waypoint}|plan a stop at {waypoint}|let us stop at {waypoint}|"
        "take me by {waypoint} on the way|we should stop at {waypoint} first|i have to go by {waypoint}|"
        "the next stop is {waypoint}|we want to stop at {waypoint} as well",
        "{waypoint} is on the route|i added a stop at {waypoint}|okay we stop at {waypoint}|"
        "done {waypoint} is the next stop",
        {"waypoint": WAYPOINTS},
    ),
    IntentPattern(
        "remove_waypoint",
        "remove {waypoint} from the route|skip {waypoint}|cancel the stop at {waypoint}|"
        "delete the waypoint {waypoint}|we do not need to stop at {waypoint}|drop the stop at {waypoint}|"
        "take {waypoint} off the route|i do not want to stop at {waypoint}|remove the stop at {waypoint}|"
        "we do not have to go by {waypoint} any more|leave out {waypoint}|do not stop at {waypoint}|"
        "forget the stop at {waypoint}|skip the stop at {waypoint}|delete {waypoint} from the route|"
        "remove the next stop|skip the next stop|cancel the next stop|we do not need the next stop|"
        "drive on without the next stop",
        "the stop is removed|i removed {waypoint} from the route|okay we skip {waypoint}|"
        "okay we drive on without the stop",
        {"waypoint": WAYPOINTS},
    ),
    IntentPattern(
        "resume_navigation",
        "resume navigation|continue the navigation|resume the route|go on with the navigation|"
        "continue the route guidance|pick up the navigation again|start the navigation again|"
        "go back to the navigation|keep navigating|get the navigation going again|continue on our route|"
        "i want the navigation to go on|we can go on with the route|take up the route again|"
        "go on with the directions|i would like to go on with the navigation|bring back the navigation|"
        "the navigation should go on|guide us again|we need the route guidance again|continue to guide me",
        "the navigation goes on|okay we go on|here is the route again|done the route goes on",
    ),
    IntentPattern(
        "query_arrival_time",
        "when do we arrive|when will we be there|how long until we arrive|what is the arrival time|"
        "how long will it take|how many minutes until we are there|when are we there|are we there soon|"
        "how much longer is the drive|what time do we arrive|give me the arrival time|"
        "show me the arrival time|"
        "when do we arrive at {destination}|how long to {destination}|when will i be at {destination}|"
        "how long does it take to {destination}|how long is the drive to {destination}|"
        "when do we get to {destination}|how soon are we at {destination}|"
        "check the arrival time for {destination}|i want to know when we get to {destination}|"
        "how many minutes to {destination}",
        "we arrive in {result}|you will be there in {result}|it takes {result}|it is {result} from here",
        {"destination": PLACES},
        result=_MINUTES,
    ),
    IntentPattern(
        "query_distance",
        "how far is it to {destination}|what is the distance to {destination}|how far away is {destination}|"
        "how many kilometers to {destination}|how many kilometers is it to {destination}|"
        "how far is {destination} from here|how far do we have to go to {destination}|"
        "check the distance to {destination}|give me the distance to {destination}|"
        "find out how far it is to {destination}|is it far to {destination}|is {destination} far away|"
        "i want to know how far {destination} is|the distance to {destination}|"
        "how far is it from {origin} to {destination}|what is the distance from {origin} to {destination}|"
        "how many kilometers is it from {origin} to {destination}|"
        "the distance from {origin} to {destination}|tell me how far it is to {destination}|"
        "show me the distance to {destination}",
        "it is {result}|it is {result} to {destination}|it is {result} away|there are {result} to go",
        {"destination": PLACES[::2], "origin": PLACES[1::2]},
        result=_KILOMETERS,
    ),
    IntentPattern(
        "query_road_conditions",
        "how is the traffic|is there a traffic jam|how is the road|is there much traffic|any traffic jams|"
        "what are the road conditions|check the traffic|is the road clear|are there any jams|"
        "how is the traffic on {road}|is {road} clear|is there a jam on {road}|check {road}|"
        "what are the road conditions on {road}|check the traffic on {road}|is there much traffic on {road}|"
        "how does {road} look|is {road} open|is {road} busy|what about the traffic on {road}|"
        "find out how {road} is|i want to know how the traffic on {road} is|how busy is {road}",
        "the traffic is {result}|the traffic on {road} is {result}|it is {result} right now|"
        "it looks {result}",
        {"road": ROADS},
        result=one_of("clear", "slow", "congested"),
    ),
    IntentPattern(
        "search_along_route",
        "find a {category} along the route|find a {category} on the way|is there a {category} on the way|"
        "search for a {category} on our way|search for a {category} along the route|"
        "i need a {category} on the way|show me the next {category}|look for a {category} along the way|"
        "where is the next {category}|when does the next {category} come|we need a {category} soon|"
        "i want a {category} on the way|is there a {category} along the road|any {category} on our way|"
        "where can we find a {category} on the way|look for the next {category}|"
        "i would like a {category} on the way|how far is the next {category}|take me to the next {category}",
        "there is {result}|the next one is {result}|i found {result}|it is {result}",
        {"category": STOPS},
        result=one_of("central {category}", "{category} at the bridge", "old town {category}"),
    ),
)
