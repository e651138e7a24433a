"""Small talk about the world: sky and earth, animals and plants, history and far places."""

from duplexsla_lab.data.language.topic import topic

WORLD_TOPICS = (
    topic(
        "tell me about the moon|what do you know about the moon|how far away is the moon|"
        "who has walked on the moon|why does the moon look so bright|is there life on the moon|"
        "i would like to know more about the moon",
        "the moon is about three hundred eighty thousand kilometers away",
        "it moves away from us by four centimeters every year",
        "we always see the same side of it because it turns with us",
        "twelve people have walked on it and all of them came back",
        "it makes the tides of the sea go up and down twice a day",
    ),
    topic(
        "why is the sun so hot|tell me something about the sun|how far away is the sun|how big is the sun|"
        "does the sun ever go away|what is the sun made of",
        "the sun is a star and it is made of very hot gas",
        "its light needs about eight minutes to come to us",
        "the earth is very small next to a large star like that",
        "it was there long before there was any life on earth",
        "without the sun there would be no life and no warm days",
        "never look at it without good sunglasses because that is bad for your eyes",
    ),
    topic(
        "tell me something about the stars|how many stars are there|what are stars made of|"
        "why can i see so few stars|how far away are the stars|what do you know about the stars",
        "on a clear night you can see about three thousand stars",
        "the light of some stars was on its way for hundreds of years",
        "so when you look at the sky you look into the past",
        "in a big city the street lights hide most of the stars",
        "drive out of town and wait until your eyes like the dark",
        "people have found their way home with the north star for a long time",
    ),
    topic(
        "why does it rain so much|where does the rain come from|tell me about clouds and rain|"
        "how do clouds stay up there|what are clouds made of|how does rain get into the sky",
        "on warm days a little water goes from the sea into the air",
        "high up it is cold and you can see the water again as clouds",
        "clouds are made of water that is as fine as dust",
        "when there is too much of it they let it fall as rain",
        "small white clouds can hold as much water as a swimming pool",
        "most of the rain goes back into the sea where it came from",
    ),
    topic(
        "why is the sky blue|why is the sunset so red|what color is the sky really|"
        "tell me why the sky is blue|why does the sky have so many colors|"
        "why does the sky change its color",
        "the light of the sun has all colors in it at the same time",
        "the air moves the blue light around more than the red light",
        "so you see blue light all over the sky",
        "in the evening the light has a longer way through the air",
        "then there is little blue in it and you see red and orange",
        "on the moon there is no air and the sky is always dark",
    ),
    topic(
        "how does lightning work|i am afraid of thunder and lightning|tell me about thunder and lightning|"
        "what should i do in a thunder storm|why is thunder so loud|how far away is the lightning",
        "lightning is as hot as the sun but it is over in no time",
        "the air around it gets so hot that it makes a loud sound",
        "count the seconds between the light and the sound of the thunder",
        "after six seconds it is about two kilometers away",
        "do not stand under a tall tree when you hear thunder",
        "a house or a car is a safe place in a storm",
    ),
    topic(
        "tell me something about snow|why is snow so white|what is snow made of|"
        "will we have snow for christmas|why does it never snow here|is all snow the same",
        "snow is made of small pieces of ice that look like stars",
        "there are no two of them that look the same",
        "there is a lot of air in it so it keeps the plants warm",
        "snow takes the sounds away so it gets very quiet outside",
        "it is white because it gives all colors of the light back",
        "a lot of snow in winter is good for the rivers in summer",
    ),
    topic(
        "tell me about the sea|how deep is the ocean|why is there salt in the sea|"
        "what lives down in the deep ocean|what is under the sea|what do you know about the ocean",
        "more than half of our world is under water",
        "there are places where the sea is eleven kilometers deep",
        "down there it is dark and cold but many fish live there",
        "some of them make light to find something to eat",
        "the rivers bring a little salt into the sea every day",
        "some fish down there are four hundred years old",
    ),
    topic(
        "tell me about the largest mountains|how high are mountains|how do mountains grow|"
        "which mountain is the largest of all|why is it so cold on a mountain|"
        "i would love to walk up a mountain",
        "the largest mountain of the world is almost nine kilometers high",
        "some mountains still grow by two centimeters every year",
        "they grow because the earth under them is hot and moves",
        "it gets six degrees colder when you go up a thousand meters",
        "high up there is so little air that you have to walk slowly",
        "bring water and warm clothes and go down before it gets dark",
    ),
    topic(
        "tell me about whales|what is the largest animal|what do you know about whales|"
        "do whales sleep at night|why do whales sing songs|how big is a blue whale|"
        "how do whales talk to each other",
        "the blue whale is the largest animal that ever lived",
        "its heart is as big as a small car and beats very slowly",
        "whales sing songs that travel hundreds of kilometers through the sea",
        "a young whale drinks two hundred liters of milk every day",
        "they sleep with only one half of their brain at a time",
    ),
    topic(
        "tell me about bees|what do bees do all day|why are bees so important|"
        "how do bees make their honey|what do bees do in winter|do bees talk to each other",
        "a bee visits about two thousand flowers on a single day",
        "for one glass of honey they fly around the world twice",
        "they tell each other with a dance where the good flowers are",
        "without bees there would be no apples and no cherries",
        "in winter they all sit together in a ball and keep the queen warm",
    ),
    topic(
        "what happened to the dinosaurs|tell me about dinosaurs|why are there no dinosaurs any more|"
        "when did the last dinosaurs live|are there dinosaurs on earth today|"
        "did the dinosaurs have feathers",
        "a large rock from space hit the earth a long time ago",
        "the dust hid the sun for years and most plants died",
        "the big animals had nothing left to eat and died as well",
        "some small ones with feathers lived on and became our birds",
        "so every time you eat a chicken you eat a little dinosaur",
    ),
    topic(
        "tell me something about cats|why do cats sleep so much|should i get a cat|"
        "why does my cat look at me like that|what does my cat think all day|how do cats see at night",
        "most cats sleep about fifteen hours a day",
        "it can see very well when there is almost no light",
        "it can understand you well but it does not always want to",
        "cats talk to people but they almost never talk to other cats",
        "they like high places because they can watch everything from there",
        "give it a paper box and it will play all day",
    ),
    topic(
        "tell me something about dogs|how do i train a dog|should we get a dog|"
        "why do dogs smell everything|what does my dog want to tell me|how well can a dog smell",
        "a dog can smell a thousand times better than you and me",
        "it knows by the smell who was here and how long ago",
        "most dogs understand a little of our language",
        "a dog can learn best when you give it something good to eat",
        "be friendly and use the same word for the same thing every time",
        "it needs a long walk twice a day even when it rains",
    ),
    topic(
        "tell me something about horses|how fast can a horse run|how do horses sleep at night|"
        "i would like to get a horse|what do horses like to eat|how long do horses live",
        "a young horse can stand up and walk on its first day",
        "they sleep for only three hours a day and stand while they do it",
        "a fast horse makes seventy kilometers in one hour but not for long",
        "they see what is behind them and do not have to turn around",
        "horses remember people and places for many years",
        "they like apples and carrots but not too many at once",
    ),
    topic(
        "tell me something about birds|where do birds go in winter|how do birds find their way|"
        "why do birds sing in the morning|which birds live in our garden|"
        "what should i give the birds in winter",
        "they sing in the morning because the world is quiet and sounds go far",
        "many of them fly south in autumn and come back in spring",
        "they find the way with the sun and the stars",
        "some small birds fly over the sea for three days without a rest",
        "in winter they are happy when you give them a little food and water",
        "keep the place clean and put it where no cat can get",
    ),
    topic(
        "tell me something about elephants|do elephants really never forget|how much do elephants eat|"
        "how do elephants talk to each other|why do elephants have a trunk|how old do elephants get",
        "they know other elephants again after twenty years",
        "the old ones show the young ones where to find water",
        "they talk with very deep sounds that people can not hear",
        "their trunk is strong enough for a tree and also for a small flower",
        "they eat leaves all day and half of the night",
        "when one of them is hungry or tired the others wait for it",
    ),
    topic(
        "tell me something about fish|can fish hear us|do fish sleep at night|"
        "how do fish live under the ice|do fish like cold water|why do fish swim together",
        "fish hear very well but you should not be afraid to talk",
        "they sleep with open eyes because they can not close them",
        "they swim together because it is safe to be one of many",
        "when the first one turns around all others do the same",
        "under the ice of a lake the water stays at four degrees",
        "there the fish rest all winter and eat almost nothing",
    ),
    topic(
        "tell me something about trees|how old can a tree get|how do trees drink water|"
        "why do leaves fall in autumn|what do trees do in winter|do trees talk to each other",
        "some trees are almost five thousand years old and still grow",
        "a large tree drinks hundreds of liters of water on a hot day",
        "in autumn it takes all good things out of the leaves",
        "then it has a rest until the spring when the days get longer",
        "trees help each other under the soil where nobody can see it",
        "one big tree makes the air clean for a family of four",
    ),
    topic(
        "who built all the old walls and towers|how was life in an old castle|"
        "how did people live in the past|was it nice to live in a castle|what did kings eat for dinner|"
        "tell me something about history",
        "a castle was a cold and dark place to live in",
        "only the kitchen and one big hall were warm in winter",
        "the walls were three meters thick and the windows very small",
        "people went to bed when it got dark because candles were not cheap",
        "the kings ate white bread and steak and the others ate potatoes",
        "to get to the next city took many days on a horse",
    ),
    topic(
        "tell me about the first ship|how did people find their way on the sea|"
        "who went around the world first|what did they eat on a ship|how fast was a ship in the past|"
        "how was life on an old ship",
        "a ship took more than fifty days to get over the ocean",
        "the people on it ate hard bread and had very bad water",
        "without lemons and other fresh food many of them got sick",
        "they watched the stars to find out where they were",
        "the first trip around the world took three years and one ship came back",
        "most of the people never saw their home and family again",
    ),
    topic(
        "who made the first car|tell me about the first cars|how fast were the first cars|"
        "when did people start to drive|were the first cars electric|who was the first driver",
        "the first car was very loud and slower than a good horse",
        "the first long trip was made by a mom with two children",
        "when the gas was empty she got more at a pharmacy",
        "many of the first cars were electric and very quiet",
        "then gas got cheap and nobody wanted an electric car any more",
        "now the electric car is back and it is faster than ever",
    ),
    topic(
        "when did people learn to fly|tell me about the first flight|what happened on the first flight|"
        "is it safe to fly|how long was the first flight|i am afraid to fly",
        "the first flight took only twelve seconds and was very short",
        "two young people from a bicycle shop had built it",
        "to fly you have to move a lot of air down very fast",
        "you can fly down slowly even when there is no power left",
        "it is more safe to fly than to drive to the airport",
        "if you are afraid take a seat in the middle and some music",
    ),
    topic(
        "where should we go on vacation|do you have an idea for the holidays|tell me about a nice place|"
        "where is it warm in winter|i need a vacation where should i go|which country is nice in autumn|"
        "what is a good place to relax",
        "the mountains are beautiful at this time of the year",
        "you could walk from lake to lake and swim in each of them",
        "small hotels in the valley are cheap in autumn and very quiet",
        "take warm clothes because the nights are colder than you think",
        "the train brings you there in four hours without any traffic",
    ),
    topic(
        "what should i see in madrid|tell me about a trip to the south|what is so nice about the south|"
        "we are going to madrid next month|is madrid a good place for children|"
        "what do people eat in madrid",
        "in an old city you walk through history on every street",
        "go to the museum in the morning before it gets too hot",
        "the ice cream is better where there are not so many colors",
        "people eat dinner after nine in the evening and have a lot of time",
        "take good shoes because you will walk on a lot of old stone",
        "in the hot hours of the day everybody stays at home",
    ),
    topic(
        "tell me about the desert|is it cold in the desert|how do animals live in the desert|"
        "why is there no rain in the desert|what do people drink in the desert|how hot does a desert get",
        "in the desert it can be fifty degrees at day and zero at night",
        "there are no clouds that could keep the warm air down",
        "some animals never drink and get all their water from plants",
        "most of them sleep under a stone until the sun is down",
        "when it rains once in ten years there are flowers all around",
        "people travel there at night and use clothes that are long and white",
    ),
    topic(
        "tell me a story|please tell me a story|i would like to hear a story|do you know a good story|"
        "tell us a story about a robot|can you tell the kids a story",
        "once upon a time there was a small robot who lived in a kitchen",
        "every night it watched the moon through the window and dreamed of the sea",
        "one morning it took the last battery and rolled out of the door",
        "it asked a cat for the way but the cat only laughed",
        "so it followed the river for three days and three nights",
        "and when it saw the sea at last it was too happy to speak",
    ),
    topic(
        "tell me a story about a bear|do you know a story about animals|i want a story with a happy end|"
        "tell me something before i sleep|what happened to the little bear|"
        "tell the kids about the little bear",
        "a little bear could not sleep because it wanted to see the snow",
        "but every good bear has to sleep all winter",
        "so it made a strong coffee and watched the garden through the window",
        "in the night the first snow came down and the world was quiet",
        "the bear had a dance in the garden until it was cold and tired",
        "then it went to bed and dreamed of snow until the spring",
    ),
)
