"""Ways of asking that any request may begin with or hold: a phrasing names one as (<want>)."""

import re

_TABLE = """
want: i want/i need/i would like/we want/we need/we would like/i really want/i want to have/i would love
get: could i have/could i get/can i have/can i get/could we have/could we get/can we have/can we get\
/may i have/i will have/let me have
mind: would you mind/do you mind/mind/if you do not mind
how: how about/what about/what do you say to
chance: any chance you could/is there any chance you could/is it possible to/would it be possible to\
/is there a way to/do you think you could/i wonder if you could/could i ask you to/could i trouble you to\
/maybe you could/perhaps you could/would you be so kind as to
sure: make sure/make sure that/see that/see to it that/please make sure/check that/i want to be sure that
better: it would be nice/it would be great/it would be good/it would be lovely/i would be happy\
/it would help
bit: a bit/a little/a little bit/slightly/a touch/a tad/just a bit/somewhat
more: a bit more/a little more/some more/a touch more/a little bit more/just a bit more
too: too/way too/much too/a bit too/a little too/far too/really too/just too
very: so/too/really/pretty/awfully/very/quite/rather/way too/a bit too/a little too/far too
should: should be/must be/has to be/needs to be/ought to be
lets: let us/shall we/we should/i think we should/why don't we
know: tell me/do you know/can you tell me/could you tell me/i want to know/i would like to know\
/let me know/i wonder
check: check/see/look/find out/can you check/could you check/can you see/could you see/go and see\
/please check
forgot: i forgot/i think i forgot/i totally forgot/i am afraid i forgot/oh no i forgot/we forgot
done: i am done with/we are done with/i am finished with/we are finished with/i have had enough of\
/i no longer need
leave: i am leaving/i am going out/i am off to work/we are leaving/we are going out/i am heading out\
/we are off/i am about to leave/i have to go
bed: i am going to bed/i am going to sleep/we are going to bed/it is bedtime/time for bed/i want to sleep\
/good night
home: i am home/i am back/we are home/we are back/it is me/i just got home/i am at the door
and: and/okay/now/so/okay now/and then/then/please/well/actually/
"""
FRAGMENTS = dict(line.split(": ", 1) for line in _TABLE.strip().splitlines())
_NAME = re.compile(r"<([a-z]+)>")


def with_fragments(text: str) -> str:
    """KeyError for a fragment that there is none of."""
    return _NAME.sub(lambda match: FRAGMENTS[match[1]], text)
