"""Small talk about a home, and about the days that people live in it."""

from duplexsla_lab.data.language.topic import topic

HOME_TOPICS = (
    topic(
        "how can i save energy|how do i use less energy|give me some tips to save energy|"
        "what can i do about my energy bill|why is my energy bill so high|"
        "which devices need the most energy",
        "a good start is to turn the heating down by one degree",
        "you save about six percent of the energy with every degree",
        "close the curtains and the shutters when it gets dark outside",
        "wash your clothes at thirty degrees and only when the machine is full",
        "turn devices off instead of leaving them in standby all night",
        "old light bulbs use ten times more energy than new ones",
    ),
    topic(
        "how do i make a good coffee|tell me how to make coffee|what makes a coffee taste good|"
        "why is my coffee so bitter|how much coffee do i need for a cup|"
        "how hot should the water for coffee be",
        "use fresh beans and grind them just before you make the coffee",
        "the water should be hot but it should not boil any more",
        "take about two spoons of coffee for every cup of water",
        "clean the coffee maker once a week so that it tastes fresh",
        "some people add a little salt because it makes the coffee less bitter",
    ),
    topic(
        "how should i water my plants|tell me about house plants|my plants look sad what can i do|"
        "why do my plants never live long|how much water does a plant need|"
        "where should i put my house plants",
        "most plants in a home get too much water and not too little",
        "put your finger into the soil and water it only when it feels dry",
        "plants at a window in the south need water more often than the others",
        "in winter they sleep and need only half of the water",
        "turn the pots a little every week so that they grow straight",
    ),
    topic(
        "how can i sleep better|i can not sleep what should i do|give me some tips for a good night|"
        "why am i always so tired|how many hours should i sleep|what helps me to sleep|"
        "how do i get a good sleep|how cold should my bedroom be at night",
        "go to bed at the same time every evening even on the weekend",
        "a cool and dark bedroom helps your body to rest",
        "put your phone away one hour before you go to bed",
        "do not drink coffee after three in the afternoon",
        "a short walk in the evening makes you tired in a good way",
    ),
    topic(
        "what should i cook tonight|do you have an idea for dinner|tell me an easy recipe|"
        "what can i make with tomatoes|how do i make a good pasta|i am hungry what should i eat",
        "you could make pasta with tomatoes and a little garlic",
        "cut the tomatoes into small pieces and cook them slowly with olive oil",
        "add salt and pepper and some leaves of basil at the end",
        "the pasta needs about nine minutes in boiling water",
        "keep a cup of the water and pour it into the sauce",
        "it tastes even better with cheese on top and a fresh salad",
    ),
    topic(
        "how do i clean the oven|the oven is dirty what can i do|how does the oven get clean|"
        "what is good for a dirty oven|how do i get the glass of the oven clean|"
        "there is a bad smell in my oven",
        "mix baking soda with a little water until it is a thick paste",
        "spread it on the walls of the oven and wait for twelve hours",
        "then wipe it away with a wet cloth and some vinegar",
        "the glass of the door gets clean in the same way",
        "do not use strong cleaners because you will smell them for weeks",
    ),
    topic(
        "how do i make my home safe|is my home safe|how can i protect the house|"
        "how do i keep burglars away|what should i do before we go on vacation|"
        "do i need a camera at my door",
        "lock all doors and close all windows when you leave the house",
        "let a lamp turn on in the evening as if somebody is home",
        "do not hide a key under the mat because everybody looks there",
        "a camera at the front door keeps most burglars away",
        "ask your neighbors to empty your mailbox when you are on vacation",
    ),
    topic(
        "why is the air so dry|what is good air for a room|how often should i open the windows|"
        "how much humidity is good for me|my throat feels dry what helps|why are the walls so wet",
        "the air in winter is dry because cold air holds little water",
        "about fifty percent humidity feels good for most people",
        "open the windows wide for five minutes three times a day",
        "a wet towel on the heater helps when your throat feels dry",
        "too much humidity is bad as well because the walls get wet",
    ),
    topic(
        "how do i make fresh bread|can i make bread at home|what do i need for bread|"
        "how long does bread take in the oven|why is my bread so hard|give me a recipe for bread",
        "you need flour and water and salt and a lot of time",
        "mix everything in the evening and leave it in the kitchen all night",
        "in the morning you make a ball and let it rest for one hour",
        "heat the oven to two hundred forty degrees before you start",
        "it takes about forty minutes until the bread is brown",
        "wait until it is cold because hot bread is not easy to cut",
    ),
    topic(
        "how do i keep my kitchen clean|how often should i clean the house|i hate cleaning what can i do|"
        "how can i clean faster|where do i start with cleaning|do you have tips for a clean home",
        "clean one small room every day and not all of the house at once",
        "put on some loud music because it makes you faster",
        "start at the top and go down because the dust does so too",
        "in the bathroom a little vinegar and hot water will do",
        "open the windows first so that the dust can go out",
        "ask everybody to help and then go out for ice cream together",
    ),
    topic(
        "how do i wash white clothes|my clothes smell bad after washing|"
        "how do i get coffee out of my clothes|how warm should i wash my towels|"
        "why do my clothes get so small|give me some tips for the laundry",
        "do not wash white and dark clothes at the same time",
        "towels need sixty degrees but thirty is enough for most other things",
        "leave the door of the machine open so that it can dry",
        "put cold water and salt on coffee or juice right away",
        "do not dry things too hot because that makes them small",
        "sun and wind are the best that you can give your clothes",
    ),
    topic(
        "how do i make a good birthday party|what do i need for a good party|"
        "can you help me with my party|how much food do i need for ten people|"
        "what can we play on a birthday|what music should i play at a party",
        "ask people three weeks before because nobody has time",
        "choose food that you can make the day before and eat cold",
        "for ten people you need about four liters of water and juice",
        "play quiet music first and the songs for dancing later",
        "children like a game where you have to find something in the garden",
        "tell your neighbors about it and they will not call the police",
    ),
    topic(
        "what should i plant in my garden|when do i plant tomatoes|tell me how to start a garden|"
        "how do i get more flowers in the garden|what can i grow on a balcony|how much work is a garden",
        "plant tomatoes in may when the nights are warm enough",
        "they need a lot of sun and water but no rain on the leaves",
        "put flowers next to them because bees will come and help you",
        "water the garden in the morning or late in the evening",
        "leave one corner as it is for birds and other small animals",
        "on a balcony you can grow salad and basil and even potatoes",
    ),
)
