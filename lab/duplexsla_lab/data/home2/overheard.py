"""Speech in a home that asks nothing of the assistant: nothing is to be done.

Stories, negations, the past, plans, people among themselves, a television, songs, phone calls, numbers:
they name devices, rooms and doors as requests do.
"""

from duplexsla_lab.data.language.intent_pattern import joined

STORIES = joined("""
(yesterday/last night/this morning/on sunday) i (turned off/turned on/broke/fixed/cleaned) the {room} \
{device} (myself/with {n}/and went to bed/before dinner/)
when i was (a child/young/at school) we had (no {device}/one {device} for everybody/a {device} in the \
{room}/an old {device})
my (mother/father/aunt/uncle/neighbour) always (turned off the {device}/locked the {door}/left the \
{device} on) (at night/when we slept/)
so {n} (went into/walked into/ran into) the {room} and (turned on the {device}/saw that the {device} was \
on/locked the {door}) (and laughed/all alone/)
(and then/then suddenly/all of a sudden) the {device} (went off/went on/fell down/made a noise/stopped) \
(and everybody screamed/and we laughed/in the {room})
i (told/asked) {n} to (turn off/turn on/close/open/fix/clean) the {device} and (he forgot/she did \
it/nothing happened/he just laughed)
{n} (opened/locked/unlocked/painted/fixed) the {door} (yesterday/last week/for the cat/with an old key/and \
went home)
the (plumber/electrician/landlord) (said/told us/thinks) the {device} (in the {room}/) (is broken/needs a \
new part/is too old/works fine again)
(we/they) (bought/sold/ordered/returned) (a/that) {device} (for the {room}/last summer/on the \
internet/from the neighbour)
in the (book/film/story) (she/he) (unlocks/opens/closes) the {door} and (nobody is there/the room is \
empty/it is snowing)
once (upon a time/) (a/the) (king/robot/ghost/cat) (lived in/slept in/hid in) the {room} and (lit/blew \
out/switched off) all the lights
i (dreamed/dreamt) that the {device} (talked to me/was flying/started on its own/was in the {room})
you should have seen {n} (with the {device}/in the {room}/when the lights went out/when the alarm went off)
the lights (went out/were on/flickered) all (night/evening/day) (at our place/in the {room}/and nobody \
knew why)|last (winter/summer/year) the {device} (cost us a fortune/ran all day/broke twice/was never off)
the alarm (went off/rang/woke us) at (three/four/five) in the (morning/night) (and it was the cat/and \
nobody was there/again)|(grandma/grandpa/my boss) (never locks/always locks/forgot to lock) the {door}
i once locked myself out through the {door}
we used to (sit in the {room}/turn the heating off/have dinner in the {room}) (every evening/in \
winter/when it was dark)
{n} set the (timer/alarm) for (an hour/twenty minutes/seven) and (burned the cake/overslept/forgot it)
""")
NEGATIONS = joined("""
do not (turn on/turn off/switch on/switch off/touch) the {device} (in the {room}/) (please/yet/now/)
do not (open/close/unlock/lock/touch) the {door} (please/yet/for anybody/now/)
(never/do not ever) (unlock/open) the {door}|please do not (unlock/open) the {door}
you (must not/should not/may not/can not) (unlock/open/touch) the {door}
i do not want (you to turn on/you to turn off/anybody to touch) the {device}
i did not (say/ask you) to (turn on/turn off) the {device}|i never said (unlock/open) the {door}
there is no need to (turn on/turn off/open/close) (anything/the {device})
do not (do anything/change anything/touch anything/move) (now/please/)|leave the {device} (alone/as it is)
(i would not/we should not) (unlock/open) the {door} (now/at night/for strangers)
nobody (asked you to/said) (unlock/open) the {door}|do not let anybody in
do not start the {device} (yet/now/while i am out)|no do not set (an alarm/a timer)
do not play (anything/music) (now/yet)|the {device} should stay (on/off/as it is)|do not disarm the alarm
you do not need to (lock/unlock) the {door}|not the {device} i did not mean that
i do not think we should open the {door}|do not add (that/{i}) to the list|do not cancel (the timer/my alarm)
do not wake me (tomorrow/at seven)|do not say that in the {room}|please do not talk now
""")
PAST = joined("""
i (already/just) (turned off/turned on/closed/opened/cleaned/fixed) the {device} (in the {room}/)
i (already/just) (locked/unlocked/closed) the {door}
(we/they) (already/just) (locked/closed/painted) the {door}
{n} (already/just) (turned off/turned on) the {device}
the {device} was (on/off) (all day/all night/when i came home)
i had the {device} (on/off) (for an hour/all morning)
the {door} was (open/locked/unlocked) (when we left/this morning/the whole night)
i should have (locked the {door}/turned off the {device}/set a timer)
we forgot to (lock the {door}/turn off the {device}) (last week/yesterday) (again/)
did you see how {n} (turned on/broke/cleaned) the {device}
i wanted to (turn on the {device}/lock the {door}) (but i forgot/but it was too late/yesterday)
""")
TO_OTHERS = joined("""
{n} can you (turn off/turn on/bring me/fix/clean) the {device} (please/when you are up/)
{n} (did you/have you) (lock the {door}/turn off the {device}/feed the cat/see my keys)
(honey/darling/sweetie) (where are/have you seen) (my keys/my glasses/the kids/the remote)
{n} (come here/dinner/hurry up/wait for me/look at this/stop that)
mum (where is/have you seen) my (bag/phone/other shoe)
(dad/mum) i need (help/money/a lift) (with my homework/for the bus/)
can you (pass/hand) me the (salt/towel/remote/scissors)
have you (eaten/called {n}/paid the rent/fed the dog) (yet/already/)
what do you want for (dinner/lunch/breakfast/your birthday)|who (ate/took/moved) (my cake/my charger/the {i})
are you (coming/ready/serious/hungry/listening to me)
{n} is (on the phone/at the door/in the {room}/asleep/not home)|let us (go/eat/leave/talk about it later)
sit down {n}|i think (we should paint the {room}/the {device} looks nice there/{n} is right/it will rain)
how was (school/work/the film/your day) {n}|tell {n} (i said hi/to call me back)
you left your (shoes/bike/books) in the {room}|get your (coat/shoes/bag) we are late
(did/will) you (pick up the kids/call the bank/be late today)|where did you park the car
put the {i} in the fridge {n}|there is {i} on the table|can you get {i} on your way home
the {room} is a mess {n}|no {n} the other one|give that back to {n}|{n} your turn|i am in the {room}
who wants {i}|nice to see you|how is your mother|say hello to {n} from me
we could (watch a film/play a game/order pizza) tonight|i love (that song/this lamp/your {room})
that {device} is (so loud/ugly/lovely/from my grandmother)
the {device} (smells funny/looks great/needs cleaning)
i will (turn off the {device}/lock the {door}/do the dishes) (later/in a minute/when i am done)
we (could/should) (get/buy) a new {device} (for the {room}/some day/)
(maybe/perhaps) we should (turn the heating down/lock the {door}/get new curtains) (some day/next \
winter/if it gets worse)|if you (lock the {door}/turn on the {device}) i will be angry
someone should (clean the {device}/fix the {door}) (one day/at some point)
i wonder who (left the {device} on/broke the {door}) (this time/)
it is your turn to (lock up/cook/do the dishes)
(he/she) (said/told me) (turn off the {device}/lock the {door}) (and i said no/and that was it)
guess what {n} did|that was {n} at the {door}|the bell rang it was just {n}
""")
PHONE = joined("""
hello (this is {n}/who is this/yes speaking)|yes hi how are you|no i am (at home/in the {room}/cooking)
can you hear me (now/)|i will call you back|no the other {device}|(sorry/) you are breaking up
so what did the doctor say|okay see you (at eight/tomorrow/on sunday)|bye bye|no she turned it off herself
yes i locked the {door} do not worry|(we will/i will) be there (at six/in ten minutes)|let me write that down
my number is {digits}|the address is {digits} (park/main/river) street|hold on i put you on speaker
tell him to open the {door} for the parcel|yes turn left at the church|press one for sales
thank you for calling your call is important to us|please hold the line
""")
TELEVISION = joined("""
and now the (weather/news/sports) (for tomorrow/with {n} brown/from around the world)
(good evening/welcome back) (ladies and gentlemen/to the show/to the evening news)
(open the door/open up) this is the police|(turn off the lights/kill the lights) they are coming
get down (he has a gun/everybody/now)|he (unlocked/locked) the door and ran
(buy/get) one get one free only this week
the brand new {device} for only (forty nine/ninety nine/two hundred)|call now and save (ten/fifty) percent
for a limited time only|she never told him the truth|i did it for the family|you are under arrest
i object your honor|who killed the butler|the secret is in the {room}|we have to turn off the reactor
(he shoots/he passes) and (it is a goal/it is wide/the keeper has it)|(two/three) nil at half time
temperatures will (rise/fall) to {number} degrees (in the north/by friday/overnight)
set the oven to one hundred eighty degrees and bake for {number} minutes
add the {i} and stir for (two/five) minutes|our {room} makeover starts after the break|stay tuned
in a world without light|this summer in cinemas|previously on the castle|subscribe to the channel
the stock market fell {number} points|traffic is slow on the ring road|close the curtains they might see us
lock the doors and stay inside|activate the shields|set course for home|arm the torpedoes|stop the train
start the engines|the lights of the city never sleep|a {device} that thinks for itself
because you are worth it|now with thirty percent more|terms and conditions apply|our reporter is on the scene
""")
SONGS = joined("""
la la la (la la/)|turn the lights down low my love|open up the sky and let me in
close your eyes and dream with me|the lights are on but you are gone tonight|happy birthday to you
row row row your boat|one two three four dance|hey hey hey we are alive
i left the door wide open for your heart|keep the fire burning baby|stop the clocks and stay
play it again for me|shine your light on me tonight|twinkle little star up there
dance dance in the kitchen with me|na na na hey
""")
NUMBERS = joined("""
(one/two/three) (four/five/six) (seven/eight/nine)|{digits}|{number} {number} {number}
{number} plus {number} is {number}|{number} times {number}|page {number}|number {number}
{number} euros and {number} cents|two and two is four|ninety nine ninety eight ninety seven
room {number} floor two|chapter {number}
""")
HALF_SENTENCES = joined("""
(turn/switch/put) the|(could/can) you|(set/make) the {room}|the {device} in the|and then the|i would like
what is the|(unlock/open/close) the|set a timer for|remind me to|add|(hey/so/well) the|(turn/switch) off
in the {room}|maybe the|is the|play|i wanted to|please|if the {device}|when i|put the {room}|how about
the {door}|twenty|because|can you just|turn on the thing in the|what about|that one over|no the|uh the|um|hmm
well|so|right|oh|ah|ha ha|hm let me see|wait what was it|i was going to say
""")
MUMBLED = joined("""
(blah/mumble) blah the thing|the whatsit on the doodah|gimme the um you know|that there with the
shma light bla|it goes (brr/zzz) like that|do the (wibble/flimflam)|can you the (orange/table/seven) on
please banana the door|light no seven yes please the|turn the monday up|lock the soup|play the window by two
set cheese to blue
""")
