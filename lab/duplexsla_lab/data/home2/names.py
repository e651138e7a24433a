"""A home's own names: rooms, devices, doors and people beyond the lists of the toolset.

Of each kind some are never in training: `Names.held_out`.
"""

import random
import re
from dataclasses import dataclass

HELD_OUT_SHARE = 0.12  # of the names that are drawn


@dataclass(frozen=True, slots=True)
class Names:
    train: tuple[str, ...]
    held_out: tuple[str, ...]

    def draw(self, rng: random.Random) -> str:
        return rng.choice(self.held_out if rng.random() < HELD_OUT_SHARE else self.train)

    @property
    def all(self) -> tuple[str, ...]:
        return self.train + self.held_out


def _names(train: str, held_out: str) -> Names:
    return Names(tuple(train.replace("\n", "").split("|")), tuple(held_out.split("|")))


PEOPLE = _names(
    "anna|ben|clara|david|emma|felix|grace|henry|isla|jack|kate|leo|maria|noah|olivia|paul|rosa|sam|theo|"
    "uma|victor|wendy|zoe|adam|bella|carlos|daisy|eric|fatima|george|hannah|ivan|julia|kevin|laura|mohammed|"
    "nina|oscar|peter|quinn|rachel|simon|tina|vera|will|yusuf|amy|brian|chloe|dylan|ella|frank|gina|hugo|"
    "irene|jonas|karim|lily|martin|nora|owen|priya|ravi|sofia|tom|mia|max|lena|luca|sara|mark|ruth|ali|"
    "mum|dad|grandma|grandpa|the kids|my wife|my husband|the nanny|the neighbour|my brother|my daughter|"
    "my son|auntie|the plumber|the cleaner",
    "tabitha|rupert|ingrid|declan|saskia|benedikt|ottilie|marlow|anneke|cosmo|great aunt edna|the lodger",
)
ROOMS = _names(
    "sunroom|loft|den|library|pantry|utility room|cloakroom|dressing room|gym|home gym|workshop|studio|"
    "music room|craft room|sewing room|game room|home cinema|media room|wine cellar|cellar|boiler room|"
    "mud room|entrance|entrance hall|hall|foyer|landing|staircase|stairs|corridor|conservatory|greenhouse|"
    "shed|tool shed|summer house|balcony|terrace|roof terrace|deck|backyard|front yard|driveway|carport|"
    "pool house|sauna|spa|shower room|ensuite|downstairs toilet|toilet|wet room|powder room|master bedroom|"
    "kids room|childrens room|small bedroom|big bedroom|spare room|spare bedroom|box room|storage room|"
    "store room|closet|walk in closet|server room|meditation room|yoga room|breakfast room|kitchenette|"
    "snug|lounge|sitting room|drawing room|front room|back room|reading corner|reading nook|bar|"
    "home office|upstairs office|upstairs bathroom|downstairs bathroom|guest bathroom|guest bedroom|"
    "back garden|front garden|chicken coop|stable|barn|doghouse|treehouse|anna's room|ben's room|"
    "emma's room|jack's room|lily's room|leo's room|mia's room|tom's bedroom|grandma's room|zoe's bedroom|"
    "max's room|the twins room",
    "orangery|scullery|veranda|mezzanine|vestibule|darkroom|rupert's room|ingrid's bedroom|gazebo|"
    "map room|cigar lounge|larder",
)
FLOORS = _names(
    "upstairs|downstairs|first floor|second floor|ground floor|top floor|lower floor|upper floor|third floor|"
    "main floor|basement level",
    "lower level|attic floor",
)
LIGHTS = _names(
    "desk lamp|reading lamp|bedside lamp|floor lamp|table lamp|ceiling light|night light|ceiling lamp|"
    "chandelier|light strip|wall light|standing lamp|lava lamp|salt lamp|mirror light|vanity light|"
    "counter light|cabinet light|island light|stove light|closet light|stair light|step light|picture light|"
    "piano lamp|corner lamp|sofa lamp|window lamp|work light|flood light|porch lantern|path light|pool light|"
    "fish tank light|plant light|grow light|shelf light|shower light|hall lamp|left bedside lamp|"
    "right bedside lamp|left lamp|right lamp|big light|main light|small lamp|star projector|moon lamp|"
    "paper lantern|dining lamp|breakfast bar light|television light|bookshelf light|makeup light|"
    "anna's lamp|ben's lamp|emma's night light|grandpa's lamp",
    "tiffany lamp|arc lamp|banker's lamp|hex panel|saskia's lamp|aquarium light|lighthouse lamp",
)
LIGHT_GROUPS = _names(
    "spotlights|fairy lights|christmas lights|string lights|garden lights|ceiling lights|wall lights|"
    "downlights|bedside lamps|path lights|stair lights|counter lights|tree lights|outside lights|"
    "outdoor lights|driveway lights|table lamps|reading lights|pendant lights|under cabinet lights|"
    "mood lights|party lights|halloween lights|front lights|back lights",
    "sconces|rope lights|wall torches|barn lights",
)
SWITCHES = _names(
    "christmas tree|fish tank|aquarium|water pump|fountain|pond pump|pool pump|hot tub|electric blanket|"
    "heated blanket|towel rail|towel heater|bathroom heater|space heater|slow cooker|rice cooker|toaster|"
    "microwave|air fryer|ice maker|bread maker|espresso machine|milk frother|tea maker|blender|juicer|"
    "hair dryer|curling iron|printer|router|computer|monitor|game console|playstation|soundbar|amplifier|"
    "record player|baby monitor|doorbell|air purifier|dehumidifier|essential oil diffuser|diffuser|"
    "extractor fan|cooker hood|fireplace|electric fireplace|garden pump|heat lamp|heat pump|boiler|"
    "water heater|immersion heater|underfloor heating|dryer|tumble dryer|washer|freezer|fridge|wine fridge|"
    "charger|car charger|wall charger|scooter charger|bug zapper|power strip|desk plug|window plug|"
    "garden socket|sewing machine|treadmill|massage chair|recliner|disco ball|smoke machine|siren|"
    "intercom|projector screen|alarm siren|anna's computer|ben's console|emma's heater",
    "popcorn machine|jukebox|kiln|sunlamp|telescope mount|rupert's amplifier|paddling pool heater|"
    "sous vide|lava fountain",
)
COVERS = _names(
    "roller blind|venetian blinds|roman blind|kitchen blind|bathroom blind|skylight|skylight blind|"
    "roof window|velux|blackout blind|blackout curtains|net curtains|left blind|right blind|left curtain|"
    "right curtain|patio blinds|patio awning|pergola roof|pergola|front gate|back gate|driveway gate|"
    "side gate|main gate|garage|left garage door|right garage door|shutter|front shutters|window blinds|"
    "office blinds|sun shade|sun screen|dog flap|pet door|cat flap|roof hatch|shower curtain",
    "plantation shutters|louvres|bifold doors|barn door|portcullis",
)
PLAYERS = _names(
    "kitchen speaker|bathroom speaker|bedroom speaker|living room speaker|garden speaker|office speaker|"
    "soundbar|record player|stereo|hifi|big speaker|small speaker|apple tv|television|tv|radio|"
    "clock radio|kids speaker|party speaker|patio speakers|home cinema|shower radio|anna's speaker|"
    "ben's speaker|headphones|tablet",
    "gramophone|boombox|saskia's speaker|turntable",
)
CLEANERS = _names(
    "vacuum|vacuum cleaner|robot vacuum|robot|hoover|cleaning robot|robot mop|mop|mower|lawn mower|"
    "robot mower|lawnmower|pool robot|pool cleaner|window cleaner|dusty|robbie|sweeper|roomba|rosie",
    "mister sweep|suction bob|grass goblin",
)
DOORS = _names(
    "main door|entrance door|house door|kitchen door|cellar door|basement door|shed door|terrace door|"
    "garden door|office door|bedroom door|bathroom door|study door|porch door|laundry room door|"
    "front entrance|back entrance|side entrance|front gate|garden gate|safe|liquor cabinet|gun safe|"
    "medicine cabinet|mailbox|attic door|workshop door|guest room door|pool gate|french doors|"
    "sliding door|apartment door|building door|car|letter box|anna's door|bike shed",
    "vault|stable door|trapdoor|loft hatch|boathouse door|wine cabinet",
)
SENSORS = _names(
    "freezer|fridge|aquarium|pool|hot tub|greenhouse|wine cellar|outside|balcony|shed|baby's room|"
    "water tank|rain barrel|plant sensor|weather station|heat pump|solar panels|electric meter|car",
    "terrarium|beehive|incubator",
)
SCENES = _names(
    "movie night|good night|good morning|date night|game night|goodbye|leaving home|coming home|welcome home|"
    "sunrise|sunset|cooking|breakfast|lunch|homework|focus|work|study|yoga|meditation|workout|nap time|"
    "story time|bath time|cosy|cosy evening|romantic|chill|guests|christmas|halloween|birthday|disco|"
    "thunderstorm|rainy day|summer evening|winter evening|all off|lights out|wake up|sleep|concert|"
    "sunday morning|lazy sunday|spa|garden party|barbecue|candlelight dinner|tv time|quiet time|night shift",
    "northern lights|wolf moon|pirate night|deep sea|tea ceremony",
)
LISTS = _names(
    "shopping|grocery|todo|to do|packing|holiday|christmas|birthday|wish|reading|movie|chores|work|garden|"
    "hardware store|pharmacy|school|party|weekend|camping|drugstore|gift|bucket|errands|meal|recipe|"
    "baby|beach|moving|pet shop|costco|baking|drinks",
    "allotment|jumble sale|regatta|apiary",
)
TIMERS = _names(
    "pasta|pizza|laundry|tea|workout|egg|nap|study|homework|chicken|rice|bread|cake|cookie|oven|potato|"
    "coffee|steak|soup|roast|turkey|lasagne|sauce|dishwasher|shower|screen time|tv time|bath|break|"
    "meditation|plank|parking|sourdough|dough|muffin|broccoli|fish|bacon|kids|bedtime|toothbrush|cleaning|"
    "meeting|hair dye|face mask|second|kitchen|first",
    "quiche|brisket|kombucha|porridge|strudel|ragout",
)
CLIMATE_DEVICES = _names("underfloor heating|heat pump|main thermostat|towel rail|boiler", "wood stove")
AIR_DEVICES = _names("extractor fan|desk fan|tower fan|bathroom fan|dehumidifier", "attic blower")
VALVES = _names("garden tap|drip irrigation|lawn sprinkler|pond valve|gas tap", "greenhouse mister")
KINDS = (
    PEOPLE, ROOMS, FLOORS, LIGHTS, LIGHT_GROUPS, SWITCHES, COVERS, PLAYERS, CLEANERS, DOORS, SENSORS, SCENES,
    LISTS, TIMERS, CLIMATE_DEVICES, AIR_DEVICES, VALVES,
)  # fmt: skip
HELD_OUT = frozenset(name for kind in KINDS for name in kind.held_out)
_HELD_OUT = re.compile(r"\b(?:" + "|".join(sorted(HELD_OUT, key=len, reverse=True)) + r")\b")


def holds_held_out_name(text: str) -> bool:
    return bool(_HELD_OUT.search(text))
