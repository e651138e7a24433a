"""Small talk about a car, and about driving it."""

from duplexsla_lab.data.language.topic import topic

CAR_TOPICS = (
    topic(
        "how can i drive further with one charge|how do i save battery on the highway|"
        "what is good for the battery|is cold bad for my battery|how full should i charge the battery|"
        "does the heating take a lot of battery",
        "drive a little slower because the wind takes most of the power",
        "heat the car while it is still on the charger",
        "the seat heating needs much less power than the air conditioner",
        "charge to eighty percent and not to one hundred when you can",
        "a cold battery gives you a third less than a warm one",
    ),
    topic(
        "how do winter tires work|when do i need winter tires|tell me about winter tires|"
        "how long do winter tires stay good|why should i check the tires|are summer tires bad in the snow|"
        "what makes winter tires so good|do i really need winter tires|when should i change my tires",
        "winter tires are made of a softer rubber that stays soft in the cold",
        "change them when it gets colder than seven degrees",
        "the small cuts in the rubber hold on to the snow",
        "after six winters the rubber gets hard and you need new ones",
        "check the pressure every month because cold air takes less room",
    ),
    topic(
        "how do i stay awake on a long drive|i am getting tired what can i do|tips for a long drive|"
        "how often should i take a break|does coffee help when i drive|my eyes are getting tired",
        "take a break of fifteen minutes after every two hours",
        "drink enough water and do not eat too much before you drive",
        "fresh air helps for a short time but it does not replace sleep",
        "a nap of twenty minutes in a parking lot works better than coffee",
        "talk with me if you like and i will tell you a story",
    ),
    topic(
        "how do i park in a small space|parking is so hard for me|tell me how to park backwards|"
        "when do i have to turn the wheel|i am afraid of parking in the city|"
        "is the space big enough for us",
        "stop next to the car in front with half a meter between you",
        "turn the wheel all the way and drive back very slowly",
        "when you see both lights of the car behind you straighten the wheel",
        "turn to the other side when your front is past the other car",
        "the camera in the back shows you how much room is left",
    ),
    topic(
        "what can we do with the kids in the car|the kids are bored|do you know a game for the road|"
        "what can we play on a long drive|how do i keep the children happy|"
        "the children ask when we are there",
        "you could play a game where everybody looks for things of one color",
        "the first one who finds five red cars wins the round",
        "another good game is to make a story with one word from everybody",
        "count the animals on your side of the road and see who has more",
        "a podcast for children makes an hour go by very fast",
    ),
    topic(
        "what should i do in a traffic jam|i hate traffic jams so much|why are there traffic jams|"
        "where do all these cars come from|does it help to change lanes|why do we stop here all the time",
        "most jams come from nowhere because somebody brakes a little too hard",
        "the wave of brake lights moves backwards for many kilometers",
        "keep your distance and roll slowly instead of stopping and starting",
        "leave a way in the middle for the police and the ambulance",
        "changing lanes all the time does not make you any faster",
    ),
    topic(
        "how do i drive in the snow|the road has ice what should i do|is it safe to drive in winter|"
        "how far should i stay behind in the snow|what do i need in the car in winter|"
        "my car does not stop on ice",
        "drive slowly and do not turn the wheel too fast",
        "leave three times more distance to the car in front of you",
        "do not brake and turn the wheel at the same time",
        "a bridge gets ice first because of the cold air under it",
        "keep warm clothes and some water in the car all winter",
        "when you can not see the road any more find a place to stop",
    ),
    topic(
        "how should i drive in the rain|what do i do in heavy fog|i can not see the road well|"
        "why do the tires swim on water|is rain bad for my car|how fast can i drive in the rain",
        "turn your lights on so that the others can see you",
        "water on the road makes the way to stop twice as long",
        "when the wheel feels too easy you swim on the water",
        "then do not use the brake and wait until you get slower",
        "the first rain after a dry time makes the road like soap",
        "in fog keep away from the middle and listen with the window open",
    ),
    topic(
        "how does an electric car work|is an electric car really better|why is an electric car so quiet|"
        "does an electric car need oil|how far can an electric car go|is it better than a gas car",
        "an electric motor gives you all its power right from the start",
        "it has only a few things that move so there is less to repair",
        "there is no oil to change and the brakes live very long",
        "when you go down a hill the battery gets some power again",
        "you start every morning with a full battery when you charge at home",
        "on a long road you stop for twenty minutes and drink a coffee",
    ),
    topic(
        "how do i get the best from my brakes|when do i need new brakes|why do my brakes make a sound|"
        "how does the car stop so fast|how far do i need to stop|what is good for the brakes",
        "at fifty you need about thirty meters to stop the car",
        "at one hundred it is four times as far and not twice",
        "look far ahead and you will not have to brake so often",
        "in the first second you only think and the car goes on",
        "when you hear a bad sound the brakes may be too old",
        "on a long hill let the motor help so the brakes stay cool",
    ),
    topic(
        "what should i take on a long trip|we are driving to the sea tomorrow|"
        "how do i get ready for a long drive|when is the best time to start a trip|"
        "what do i check before a trip|how do we put everything in the car",
        "start early in the morning when the road is still empty",
        "put the heavy things close to the back of the seats",
        "check the tires because a full car needs a little more pressure",
        "keep water and something to eat where you can get it",
        "take a stop every two hours so that everybody can walk around",
        "call your family when you leave so that they know about it",
    ),
    topic(
        "how do i learn to drive well|what makes a good driver|my sister would like to learn to drive|"
        "how can i drive better than today|why do young people drive so fast|can i learn to drive better",
        "a good driver looks far ahead and knows what will come",
        "drive so that a cup of coffee could stand in front of you",
        "let others go first because it takes only a second",
        "do not use your phone because you drive without eyes then",
        "most young people are too fast at night on a road that they know",
        "learn it in the rain too and not only on sunny days",
    ),
    topic(
        "how do i clean the seats of my car|there is a bad smell in my car|"
        "how often should i wash the car|how do i get the windows really clean|"
        "the dog was in the car how do i clean it|is it bad to wash a car in winter",
        "take everything out first and open all the doors",
        "a vacuum and a wet cloth are all that you need",
        "baking soda on the seats takes a bad smell away in one night",
        "clean the windows with water and vinegar and an old paper",
        "in winter wash the car often because the salt is bad for it",
        "do not wash it in the sun because it gets dry too fast",
    ),
)
