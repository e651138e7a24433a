"""Names that people say in a car: places, roads, music, food, contacts. Artists and titles are made up."""

PLACES = (
    "home", "work", "the airport", "the train station", "the harbor", "the city center", "the hospital",
    "the library", "the university", "the stadium", "the zoo", "the market square", "the town hall",
    "the mall", "the museum", "the lake", "the beach", "the old bridge", "green park", "river street",
    "maple avenue", "oak hill", "lake road", "sunset boulevard", "market street", "station road",
    "boston", "chicago", "denver", "seattle", "portland", "dallas", "london", "paris", "berlin", "madrid",
    "vienna", "oslo", "milan", "lisbon",
)  # fmt: skip
CITIES = (
    "boston", "chicago", "denver", "seattle", "portland", "dallas", "london", "paris", "berlin", "madrid",
    "vienna", "oslo", "milan", "lisbon", "zurich", "prague", "dublin", "toronto", "houston", "austin",
)  # fmt: skip
WAYPOINTS = (
    "the bakery", "the post office", "the gas station", "the supermarket", "the pharmacy", "the school",
    "the gym", "the car wash", "the bank", "the kindergarten", "the flower shop", "the office",
    "anna", "peter", "my parents", "the garden center", "the rest area", "the charging station",
)  # fmt: skip
ROADS = (
    "highway one", "highway five", "highway nine", "the ring road", "the bridge", "main street",
    "river street", "lake road", "the tunnel", "the coast road", "station road", "market street",
)  # fmt: skip
ARTISTS = (
    "the harbor lights", "anna fields", "north station", "the blue tigers", "little orchestra",
    "the river band", "maria stone", "the night owls", "tom rivers", "golden hour", "the paper kings",
    "silver lake", "emma west", "the wild horses",
)  # fmt: skip
SONGS = (
    "silver morning", "slow river", "lanterns", "paper boats", "winter garden", "home again",
    "last train", "signal", "platform nine", "midnight run", "neon rain", "paper tiger", "first snow",
    "cathedral", "summer road", "green hills", "open sky", "dancing stars", "blue window", "long way home",
)  # fmt: skip
GENRES = (
    "jazz", "rock", "pop", "classical music", "country music", "blues", "folk", "dance music", "piano music",
    "guitar music", "movie music", "christmas music", "nineties music", "children's songs",
)  # fmt: skip
SHOWS = (
    "the daily story", "science today", "the history hour", "morning news", "the sports show",
    "tales of the sea", "money talk", "the garden show", "mystery stories", "the travel hour",
)  # fmt: skip
STATIONS = (
    "city radio", "jazz fm", "classic radio", "news radio", "rock station", "radio one", "radio two",
    "country radio", "sunshine radio", "kids radio",
)  # fmt: skip
VIDEOS = (
    "cooking lessons", "funny cats", "car reviews", "travel stories", "guitar lessons", "space documentaries",
    "yoga for beginners", "baking bread", "football highlights", "the ocean at night", "train journeys",
    "garden tips", "magic tricks", "mountain hikes",
)  # fmt: skip
FOODS = (
    "pizza", "sushi", "burgers", "noodles", "tacos", "salad", "steak", "seafood", "curry", "pancakes",
    "ice cream", "dumplings", "sandwiches", "pasta", "breakfast", "vegan food", "thai food", "italian food",
    "indian food", "a coffee shop", "a bakery",
)  # fmt: skip
SHOWS_LIVE = (
    "movies", "concerts", "a comedy show", "a jazz club", "theater plays", "a musical", "karaoke", "bowling",
    "an escape room", "a dance club", "the opera", "a circus", "a puppet show", "arcade games",
)  # fmt: skip
SERVICES = (
    "a gym", "a hair salon", "a dentist", "a car wash", "a dry cleaner", "a swimming pool", "a yoga class",
    "a dog groomer", "a cleaning service", "a massage", "a doctor", "a babysitter", "a flea market",
    "a repair shop",
)  # fmt: skip
GOODS = (
    "running shoes", "winter tires", "a birthday present", "headphones", "garden chairs", "a new phone",
    "kitchen knives", "a rain jacket", "toys", "books", "a suitcase", "sunglasses", "a bicycle", "flowers",
    "a phone charger",
)  # fmt: skip
SIGHTS = (
    "the old castle", "the botanical garden", "the wax museum", "the waterfall", "the sea aquarium",
    "the royal palace", "the lighthouse", "the art gallery", "the cable car", "the dinosaur park",
    "the city walls", "the rose garden", "the science museum", "the stone circle",
)  # fmt: skip
BUILDINGS = (
    "the television tower", "the cathedral", "the opera house", "the central bank", "the town hall",
    "the glass tower", "the old mill", "the concert hall", "the main station", "the law school",
    "the grand theater", "the clock tower", "the parliament", "the twin towers",
)  # fmt: skip
SOUNDS = (
    "this song", "the song on the radio", "that car", "this melody", "that bird", "this tree",
    "that building",
    "this voice", "that flag", "this dish", "that mountain", "this flower",
)  # fmt: skip
HOTELS = (
    "a cheap hotel", "a quiet hotel", "a family hotel", "a hotel with a pool", "a hotel with parking",
    "a beach hotel", "a business hotel", "a hotel with breakfast", "a dog friendly hotel", "a luxury hotel",
)  # fmt: skip
EVENTS = (
    "christmas", "halloween", "thanksgiving", "new year", "independence day", "labor day", "my birthday",
    "the school play", "the dentist appointment", "the team meeting", "the wedding", "mother's day",
)  # fmt: skip
COMPANIES = (
    "northern steel", "blue ocean", "green power", "city bank", "global foods", "fast motors", "silver air",
    "star media", "river paper", "smart chips", "sun solar", "happy toys",
)  # fmt: skip
TOPICS = (
    "our vacation", "the meeting", "the budget", "my day", "the new project", "the birthday party",
    "electric cars", "the weather", "healthy food", "the school trip", "the road trip", "the sales figures",
    "autumn", "the sea",
)  # fmt: skip
CONTACTS = (
    "mom", "dad", "grandma", "grandpa", "my wife", "my husband", "my boss", "my sister", "my brother", "anna",
    "peter", "maria", "john", "emma", "david", "laura", "michael", "sophie", "daniel", "julia", "thomas",
    "the office", "the dentist", "the school", "the garage", "doctor brown", "doctor miller", "aunt susan",
    "uncle bob", "the babysitter",
)  # fmt: skip
