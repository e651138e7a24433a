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
    "vienna", "oslo", "milan", "lisbon", "zurich", "prague", "dublin", "toronto", "houston", "austin", "rome",
    "miami", "athens", "phoenix", "munich",
)  # fmt: skip
WAYPOINTS = (
    "the bakery", "the post office", "the gas station", "the supermarket", "the pharmacy", "the school",
    "the gym", "the car wash", "the bank", "the kindergarten", "the flower shop", "the office", "anna",
    "peter", "my parents", "the garden center", "the rest area", "the charging station", "the library",
    "the museum", "the mall", "the hospital", "the train station", "the coffee shop", "the dentist",
    "grandma", "the stadium", "maria",
)  # fmt: skip
ROADS = (
    "highway one", "highway five", "highway nine", "the ring road", "the bridge", "main street",
    "river street", "lake road", "the tunnel", "the coast road", "station road", "market street",
    "highway two", "highway three", "highway seven", "highway ten", "highway twelve", "maple avenue",
    "sunset boulevard", "oak street", "harbor street", "the airport road", "school street", "park avenue",
    "bridge street", "north road",
)  # fmt: skip
ARTISTS = (
    "the harbor lights", "anna fields", "north station", "the blue tigers", "little orchestra",
    "the river band", "maria stone", "the night owls", "tom rivers", "golden hour", "the paper kings",
    "silver lake", "emma west", "the wild horses", "the dancing tigers", "south river", "the coffee kings",
    "laura silver", "john green", "the winter birds", "white horse", "julia moon", "the city owls",
    "david brown", "red garden", "thomas hill", "sophie lake",
)  # fmt: skip
SONGS = (
    "silver morning", "slow river", "lanterns", "paper boats", "winter garden", "home again", "last train",
    "signal", "platform nine", "midnight run", "neon rain", "paper tiger", "first snow", "cathedral",
    "summer road", "green hills", "open sky", "dancing stars", "blue window", "long way home",
    "golden summer", "cold coffee", "rain on the road", "little star", "tomorrow night", "wild flowers",
    "honey and salt", "winter sun", "kitchen dance", "sea of stars", "west wind", "quiet street",
    "orange sky",
)  # fmt: skip
GENRES = (
    "jazz", "rock", "pop", "classical music", "country music", "blues", "folk", "dance music", "piano music",
    "guitar music", "movie music", "christmas music", "nineties music", "children's songs", "summer songs",
    "party music", "quiet music", "love songs", "piano jazz", "guitar songs", "old songs", "dinner music",
    "happy music", "folk songs", "sleep music", "workout music", "yoga music",
)  # fmt: skip
SHOWS = (
    "the daily story", "science today", "the history hour", "morning news", "the sports show",
    "tales of the sea", "money talk", "the garden show", "mystery stories", "the travel hour",
    "the science hour", "kids and animals", "the food show", "space stories", "the night show",
    "morning coffee", "the sports hour", "history today", "family talk", "the music box", "the money hour",
    "tales of the city", "the book club", "dinner talk", "science for kids",
)  # fmt: skip
STATIONS = (
    "city radio", "jazz fm", "classic radio", "news radio", "rock station", "radio one", "radio two",
    "country radio", "sunshine radio", "kids radio", "radio three", "radio five", "jazz radio", "pop radio",
    "sports radio", "morning radio", "harbor radio", "blue fm", "family radio", "dance fm", "night radio",
    "music radio", "river fm", "star radio", "rock fm",
)  # fmt: skip
VIDEOS = (
    "cooking lessons", "funny cats", "car reviews", "travel stories", "guitar lessons", "space documentaries",
    "yoga for beginners", "baking bread", "football highlights", "the ocean at night", "train journeys",
    "garden tips", "magic tricks", "mountain hikes", "piano lessons", "healthy cooking", "baby animals",
    "ocean animals", "dog tricks", "science for beginners", "space travel", "winter sports", "car repair",
    "old trains", "yoga lessons", "dance lessons", "cat tricks",
)  # fmt: skip
FOODS = (
    "pizza", "sushi", "burgers", "noodles", "tacos", "salad", "steak", "seafood", "curry", "pancakes",
    "ice cream", "dumplings", "sandwiches", "pasta", "breakfast", "vegan food", "thai food", "italian food",
    "indian food", "a coffee shop", "a bakery", "chicken", "rice", "salmon", "spanish food", "french food",
    "chinese food", "fast food",
)  # fmt: skip
SHOWS_LIVE = (
    "movies", "concerts", "a comedy show", "a jazz club", "theater plays", "a musical", "karaoke", "bowling",
    "an escape room", "a dance club", "the opera", "a circus", "a puppet show", "arcade games",
    "a rock concert", "a jazz concert", "a piano concert", "a dance show", "a magic show",
    "a children's movie", "a new movie", "a football game", "a festival", "a light show", "a music club",
)  # fmt: skip
SERVICES = (
    "a gym", "a hair salon", "a dentist", "a car wash", "a dry cleaner", "a swimming pool", "a yoga class",
    "a dog groomer", "a cleaning service", "a massage", "a doctor", "a babysitter", "a flea market",
    "a repair shop", "a bank", "a dog school", "a driving school", "a flower shop", "a dance class",
    "a cooking class", "a bicycle repair shop", "a phone repair shop", "a post office", "a kindergarten",
    "a library", "a children's doctor",
)  # fmt: skip
GOODS = (
    "running shoes", "winter tires", "a birthday present", "headphones", "garden chairs", "a new phone",
    "kitchen knives", "a rain jacket", "toys", "books", "a suitcase", "sunglasses", "a bicycle", "flowers",
    "a phone charger", "summer tires", "a camera", "a new jacket", "a kettle", "dog food", "cat food",
    "a lamp", "a keyboard", "winter shoes", "a guitar", "a christmas tree", "paper towels",
)  # fmt: skip
SIGHTS = (
    "the old castle", "the botanical garden", "the wax museum", "the waterfall", "the sea aquarium",
    "the royal palace", "the lighthouse", "the art gallery", "the cable car", "the dinosaur park",
    "the city walls", "the rose garden", "the science museum", "the stone circle", "the old harbor",
    "the royal garden", "the car museum", "the train museum", "the glass palace", "the city castle",
    "the animal park", "the lake castle", "the golden gate", "the tiger park", "the history museum",
    "the winter palace",
)  # fmt: skip
BUILDINGS = (
    "the television tower", "the cathedral", "the opera house", "the central bank", "the town hall",
    "the glass tower", "the old mill", "the concert hall", "the main station", "the law school",
    "the grand theater", "the clock tower", "the parliament", "the twin towers", "the old bank",
    "the post tower", "the city library", "the radio tower", "the old school", "the science center",
    "the market hall", "the harbor tower", "the central library", "the university hall",
    "the old train station", "the sky tower",
)  # fmt: skip
SOUNDS = (
    "this song", "the song on the radio", "that car", "this melody", "that bird", "this tree",
    "that building", "this voice", "that flag", "this dish", "that mountain", "this flower", "that tree",
    "this bird", "that flower", "this car", "that star", "this animal", "that voice", "this plant",
    "that tower", "this sound", "that sound", "that animal", "that plant",
)  # fmt: skip
HOTELS = (
    "a cheap hotel", "a quiet hotel", "a family hotel", "a hotel with a pool", "a hotel with parking",
    "a beach hotel", "a business hotel", "a hotel with breakfast", "a dog friendly hotel", "a luxury hotel",
    "a small hotel", "a city hotel", "a hotel at the airport", "a hotel with a view", "a hotel with a garden",
    "a hotel by the sea", "a hotel with a gym", "a hotel with a restaurant", "a nice hotel",
    "a hotel at the train station", "a room for two", "a room for the night", "a room with a view",
    "a hotel by the lake", "a good hotel", "an old hotel",
)  # fmt: skip
EVENTS = (
    "christmas", "halloween", "thanksgiving", "new year", "independence day", "labor day", "my birthday",
    "the school play", "the dentist appointment", "the team meeting", "the wedding", "mother's day",
    "the christmas party", "the football game", "the school trip", "the family dinner", "my trip to london",
    "the concert", "the doctor appointment", "the road trip", "the dance class", "my vacation",
    "the birthday party", "the piano lesson", "the holiday",
)  # fmt: skip
COMPANIES = (
    "northern steel", "blue ocean", "green power", "city bank", "global foods", "fast motors", "silver air",
    "star media", "river paper", "smart chips", "sun solar", "happy toys", "northern light", "golden foods",
    "blue air", "star motors", "city solar", "green paper", "harbor bank", "ocean media", "royal steel",
    "silver chips", "global air", "sun motors", "river foods",
)  # fmt: skip
TOPICS = (
    "our vacation", "the meeting", "the budget", "my day", "the new project", "the birthday party",
    "electric cars", "the weather", "healthy food", "the school trip", "the road trip", "the sales figures",
    "autumn", "the sea", "my family", "our new car", "the garden", "good sleep", "space travel", "winter",
    "the summer", "our dog", "dinosaurs", "bees", "the moon", "whales", "the city",
)  # fmt: skip
CONTACTS = (
    "mom", "dad", "grandma", "grandpa", "my wife", "my husband", "my boss", "my sister", "my brother", "anna",
    "peter", "maria", "john", "emma", "david", "laura", "michael", "sophie", "daniel", "julia", "thomas",
    "the office", "the dentist", "the school", "the garage", "doctor brown", "doctor miller", "aunt susan",
    "uncle bob", "the babysitter",
)  # fmt: skip
