"""Shows a conversation of the training data: read it, and listen to it.

    python -m duplexsla_lab.data.show --family interrupt --seed 3
    python -m duplexsla_lab.data.show --family multi --toolset car --form appendix
    python -m duplexsla_lab.data.show --family backchannel_action --wav /tmp/session.wav
    python -m duplexsla_lab.data.show --family pause --context 3        # after three other scenarios
    python -m duplexsla_lab.data.show --family pause --form text        # no sound is made: instant

families
  dialogue            small talk of several turns, with longer answers
  single              one request, one call
  multi               two or three requests in one breath, each called at the end of its own words
  pause               a hesitant request: the assistant waits
  backchannel         short feedback: the assistant goes on
  backchannel_action  an unrelated request: it is done while the assistant goes on
  interrupt           a new thought: the assistant stops in the middle of a word

forms
  table     a line per 160 ms chunk: time, user, anchor T (a dot is silence, a bar goes on with the word
            before), action channel. Bare words there are the user's transcript, "~" comes before the
            assistant's own words, ( ) is what will be said next, [ ] is what the service says of an action.
  appendix  the lines of the paper's appendix A, with what the user says behind U U
  exact     every piece and code: protocol.serialization.parse reads it back
  truth     what was to be done at which moment, and when it was written
  text      the scenario before it is spoken

The same arguments always show the same conversation. A stereo WAV has the user left and the assistant right.
"""

import argparse
import random
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from duplexsla.clock import CHUNK_SAMPLES
from duplexsla.errors import CheckpointError, MissingDependency
from duplexsla.model.codec import Codec
from duplexsla.model.codec_file import load_codec
from duplexsla.protocol.serialization import render
from duplexsla.protocol.tokens import Vocabulary, build_vocabulary
from duplexsla.runtime.checkout import MODEL
from duplexsla.tools import TOOLSETS
from duplexsla_lab.data.pcm import pcm
from duplexsla_lab.data.scenarios.families import joined, scenario, scenario_of_split
from duplexsla_lab.data.scenarios.scenario import FAMILIES, Scenario
from duplexsla_lab.data.speaking import AssistantVoice, SynthesisFailed, speak_lines
from duplexsla_lab.data.timeline import session_view
from duplexsla_lab.data.timeline.timeline import AnnotatedSession, Timeline, TimingConflict
from duplexsla_lab.data.voices.user_speech import Synthesizers

FORMS = ("table", "appendix", "exact", "truth", "text")
SPLITS = ("train", "voices", "combinations", "phrasings")
VOCABULARY_SIZE = 1_024


def vocabulary_for(case: Scenario) -> Vocabulary:
    """Pieces for a scenario and for others like it."""
    rng = random.Random(0)
    cases = [case, *(scenario(rng, toolset=case.toolset, family=family) for family in FAMILIES * 30)]
    texts = [text for each in cases for line in each.lines for text in (line.said, *line.answer)]
    functions = TOOLSETS[case.toolset].function_names
    return build_vocabulary(texts, VOCABULARY_SIZE, functions, TOOLSETS[case.toolset].argument_names)


def draw(args: argparse.Namespace, rng: random.Random) -> Scenario:
    """A scenario of the split, behind `context` others of any family that are in training."""
    context = [
        scenario_of_split(rng, toolset=args.toolset, family=rng.choice(FAMILIES), split="train")
        for _ in range(args.context)
    ]
    last = scenario_of_split(rng, toolset=args.toolset, family=args.family, split=args.split)
    return joined([*context, last])


def spoken(
    args: argparse.Namespace, rng: random.Random
) -> tuple[Scenario, AnnotatedSession, AssistantVoice, Vocabulary]:
    """The first scenario that can be spoken and placed on the clock."""
    synthesizers = Synthesizers()
    voice = AssistantVoice(synthesizers, codec_of(args.codec))
    while True:
        case = draw(args, rng)
        vocabulary = Vocabulary.load(args.vocabulary) if args.vocabulary else vocabulary_for(case)
        try:
            voice.speak_answers(case)
            lines = speak_lines(synthesizers, case, rng, held_out_voice=args.split != "train")
            annotated = Timeline(lines, voice.replies, vocabulary, rng=rng).run(
                silence_code=voice.silence_code, silence_chunks=3
            )
        except (SynthesisFailed, TimingConflict):
            continue
        return case, annotated, voice, vocabulary


def codec_of(folder: str) -> Codec | None:
    """The codec of a folder; "none" is none. Raises CheckpointError."""
    return None if folder == "none" else load_codec(Path(folder), with_encoder=True)


def assistant_sound(
    annotated: AnnotatedSession, voice: AssistantVoice, *, coded: bool
) -> NDArray[np.float32]:
    """The assistant's track: what the codec makes of the codes, or the synthesizer's own sound."""
    if coded:
        return voice.decoded(annotated.session.codes)
    track = np.zeros(annotated.session.num_chunks * CHUNK_SAMPLES, np.float32)
    for sentence in annotated.speech:
        sound = voice.sound(sentence.text, sentence.end - sentence.first)
        track[sentence.first * CHUNK_SAMPLES :][: len(sound)] = sound
    return track


def scenario_lines(case: Scenario) -> Iterable[str]:
    """The scenario as text: who says what, and the actions behind their words."""
    yield f"{case.family} · {case.toolset} · {case.split}"
    for line in case.lines:
        when = "" if line.over_words is None else f" (after {line.over_words} words of the assistant)"
        pauses = dict(line.pauses)
        words = [f"({pauses[i]:.1f} s) {word}" if i in pauses else word for i, word in enumerate(line.words)]
        yield f"{line.speaker if words else 'service'}{when}: {' '.join(words) or line.event}"
        for action in line.actions:
            arguments = "".join(f" {key}={value}" for key, value in action.arguments.items())
            yield f'  at "{line.words[action.word]}": {action.name}{arguments}{action.outcome}'
        yield from (f"assistant: {sentence}" for sentence in line.answer)


def session_text(form: str, annotated: AnnotatedSession, vocabulary: Vocabulary) -> Iterable[str]:
    if form == "exact":
        return [render(session_view.chunks_of(annotated.session, vocabulary)).removesuffix("\n")]
    return {"table": session_view.table, "appendix": session_view.appendix}[form](annotated, vocabulary)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m duplexsla_lab.data.show",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--family", choices=FAMILIES, default="interrupt")
    made.add_argument("--toolset", choices=tuple(TOOLSETS), default="home")
    made.add_argument("--split", choices=SPLITS, default="train", help="all but train use held-out voices")
    made.add_argument("--context", type=int, default=0, metavar="N", help="scenarios before it (default 0)")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--form", choices=FORMS, default="table")
    made.add_argument("--wav", type=Path, metavar="FILE", help="also write the sound")
    made.add_argument(
        "--codec",
        default=str(MODEL),
        metavar="FOLDER",
        help='the codec of the assistant\'s voice; "none": as the synthesizer speaks, with codes of 0',
    )
    made.add_argument(
        "--vocabulary", type=Path, metavar="FILE", help="JSON list of pieces; default: made of such scenarios"
    )
    return made


def show(args: argparse.Namespace) -> None:
    rng = random.Random(f"{args.seed}-{args.toolset}-{args.family}-{args.split}")
    if args.form == "text" and not args.wav:
        print("\n".join(scenario_lines(draw(args, rng))))
        return
    case, annotated, voice, vocabulary = spoken(args, rng)
    if args.form == "text":
        print("\n".join(scenario_lines(case)))
    elif args.form == "truth":
        print("\n".join(session_view.annotation(annotated)))
    else:
        print("\n".join(session_text(args.form, annotated, vocabulary)))
    if args.wav:
        sound = assistant_sound(annotated, voice, coded=args.codec != "none")
        session_view.write_stereo(args.wav, pcm(annotated.session.samples), pcm(sound))
        print(
            f"{args.wav}: {len(sound) / CHUNK_SAMPLES * 0.16:.1f} s, user left, assistant right",
            file=sys.stderr,
        )


def main() -> int:
    args = parser().parse_args()
    torch.set_num_threads(1)
    try:
        show(args)
    except (CheckpointError, MissingDependency, ValueError, OSError) as error:
        print(f"show: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
