"""How many source files one chunk, action, refusal, migration and resume each go through.

Starts the whole system with `sys.setprofile` in every Python process of it, takes each way once over the wire
and prints, for each way, the files of the tree with a frame in it while the way was taken, by process:

    PYTHONPATH=services python scripts/count_hops.py            # counts, then one line of JSON
    PYTHONPATH=services python scripts/count_hops.py --files    # the files as well

The tree that is counted is the one that PYTHONPATH names, so that two commits can be compared by one script.
Speech and silence go on during an action, a migration and a resume: `new` counts what a chunk does not touch.
`idle` is what runs by itself, with no session: leases, polls, exports; `busy` counts what it does not touch.
"""

import argparse
import json
import os
import queue
import sys
import tempfile
import threading
import time
import urllib.request
import wave
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import grpc

import duplexsla
from duplexsla.clock import CHUNK_SAMPLES, SAMPLE_RATE
from duplexsla.local import stack
from duplexsla.local.process import Process
from duplexsla.v1.session_pb2 import (
    CLOCK_FILE,
    CLOCK_LIVE,
    ENCODING_PCM_S16LE,
    AudioFormat,
    AudioFrame,
    ConverseRequest,
    ConverseResponse,
    Open,
)
from duplexsla.v1.session_pb2_grpc import SessionServiceStub

TREE = Path(duplexsla.__path__[0]).resolve().parents[1]
HOOK = Path(__file__).resolve().parent / "frames"
RECORDING = TREE / "examples" / "turn_on_the_kitchen_light.wav"
WAYS = ("idle", "chunk", "action", "refusal", "migration", "resume")
DECODERS, SLOTS = 2, 1
REFUSALS = 5  # so that what also runs by itself now and then is not in each of them
SETTLE_S = 1.0  # for what runs on after a way was taken
CALM_CHUNKS = 8  # silent ones before a way
POLL_S = 0.2
IDLE_S = 5.0
ANSWER_S = 60.0  # for one message; every process is slowed by its profile
CHUNK_S = 0.16
FORMAT = AudioFormat(encoding=ENCODING_PCM_S16LE, sample_rate_hz=SAMPLE_RATE, channels=1)


class Call:
    """One stream to a gateway: audio is sent in real time, silence when there is no other."""

    def __init__(self, address: str, opening: Open) -> None:
        self._channel = grpc.insecure_channel(address)
        self._audio: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._over = threading.Event()
        self._live = opening.clock == CLOCK_LIVE
        self._responses = SessionServiceStub(self._channel).Converse(self._requests(opening))
        self.first = self.read()

    def __enter__(self) -> "Call":
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def say(self, samples: bytes) -> None:
        for start in range(0, len(samples), 2 * CHUNK_SAMPLES):
            self._audio.put(samples[start : start + 2 * CHUNK_SAMPLES].ljust(2 * CHUNK_SAMPLES, b"\0"))

    def read(self) -> ConverseResponse:
        """The next message. Raises grpc.RpcError when the stream has ended."""
        return next(self._responses)

    def until(self, wanted: Callable[[ConverseResponse], bool]) -> ConverseResponse:
        deadline = time.monotonic() + ANSWER_S
        while not wanted(message := self.read()):
            if time.monotonic() > deadline:
                raise TimeoutError("the message that was waited for did not come")
        return message

    def chunks(self, count: int) -> None:
        for _ in range(count):
            self.until(lambda message: message.HasField("chunk"))

    def cut(self) -> None:
        """As a connection that breaks: without a goodbye."""
        self._over.set()
        self._responses.cancel()
        self._channel.close()

    def _requests(self, opening: Open) -> Iterator[ConverseRequest]:
        yield ConverseRequest(open=opening)
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            if self._live:
                yield ConverseRequest(audio=AudioFrame(samples=self._next()))
            due += CHUNK_S

    def _next(self) -> bytes:
        try:
            return self._audio.get_nowait()
        except queue.Empty:
            return bytes(2 * CHUNK_SAMPLES)


class Windows:
    """What the recorders of all processes are told, and what they have written down."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._window = folder, folder / "window"
        self._window.write_bytes(b"\0")

    @contextmanager
    def open(self, way: str, take: int = 0) -> Iterator[None]:
        """Of a way that is taken several times, what counts is the files that every take has."""
        self._write(1 + WAYS.index(way) + len(WAYS) * take)
        try:
            yield
        finally:
            self._write(0)

    def files(self) -> dict[str, dict[str, set[str]]]:
        """By way, then by kind of process: files of the tree, relative to it."""
        takes: dict[int, set[tuple[str, str]]] = defaultdict(set)
        for path in self._folder.glob("*.frames"):
            for line in path.read_text().splitlines():
                window, _, name = line.partition("\t")
                if file := _ours(name):
                    takes[int(window) - 1].add((path.name.partition(".")[0], file))
        found: dict[str, dict[str, set[str]]] = {}
        for place, way in enumerate(WAYS):
            every = [seen for number, seen in takes.items() if number % len(WAYS) == place]
            found[way] = defaultdict(set)
            for process, file in set.intersection(*every):
                found[way][process].add(file)
        return found

    def _write(self, number: int) -> None:
        with open(self._window, "r+b") as window:
            window.write(bytes([number]))


def _ours(name: str) -> str:
    """Relative to the tree; "" for files of others and for generated ones."""
    path = Path(name).resolve()
    if not path.is_relative_to(TREE) or "v1" in path.parts:
        return ""
    relative = path.relative_to(TREE)
    return str(relative) if relative.parts[0] in ("services", "model_repository") else ""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", action="store_true", help="list the files of each way")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        windows = Windows(folder)
        _record_in_children(folder)
        start = stack.Options(decoders=DECODERS, gateways=2, slots=SLOTS, weights=_recorded_model(folder))
        with stack.running(folder / "system", say=_note, options=start) as parts:
            for way, take in TAKE.items():
                _note(f"{way}...")
                _await_idle(parts)
                take(parts, windows)
                time.sleep(SETTLE_S)
        found = windows.files()
    _show(found, files=options.files)
    return 0


def _record_in_children(folder: Path) -> None:
    """Every Python process started from now on records its frames, whatever PYTHONPATH it is given."""
    spawn = os.posix_spawnp
    added = {
        "DUPLEXSLA_FRAMES": str(folder),
        "DUPLEXSLA_FRAMES_HOOK": str(HOOK),
        "DUPLEXSLA_FRAMES_TREE": str(TREE),
        "DUPLEXSLA_SHED": "0",  # a profile makes steps late, and nothing is to be shed for that
    }

    def spawn_recorded(program: str, arguments: list[str], environ: Mapping[str, str], **rest: object) -> int:
        paths = [str(HOOK), *filter(None, [environ.get("PYTHONPATH")])]
        return spawn(program, arguments, {**environ, **added, "PYTHONPATH": os.pathsep.join(paths)}, **rest)  # type: ignore[arg-type]

    os.posix_spawnp = spawn_recorded  # type: ignore[assignment]


def _recorded_model(folder: Path) -> Path:
    """A folder whose model.py stands in for the decoder's."""
    weights = folder / "weights"
    weights.mkdir()
    (weights / "model.py").symlink_to(HOOK / "model.py")
    return weights


def _opening(clock: int = CLOCK_LIVE, *, token: bytes = b"", next_chunk: int = 0) -> Open:
    return Open(
        home="demo",
        audio=FORMAT,
        clock=clock,  # type: ignore[arg-type]
        toolset="home",
        resumable=clock == CLOCK_LIVE,
        resume_token=token,
        next_chunk=next_chunk,
    )


def _idle(parts: Mapping[str, Process], windows: Windows) -> None:
    with windows.open("idle"):
        time.sleep(IDLE_S)


def _chunk(parts: Mapping[str, Process], windows: Windows) -> None:
    """Eight chunks of a person who talks, before anything is to be done."""
    speech = _speech()
    with Call(parts["gateway"].address, _opening()) as call:
        call.chunks(CALM_CHUNKS)
        call.say(speech)
        with windows.open("chunk"):
            for _ in range(8):
                message = call.until(lambda message: message.HasField("chunk"))
                assert not message.chunk.actions, "these chunks were to be without an action"


def _action(parts: Mapping[str, Process], windows: Windows) -> None:
    """A spoken request, up to the chunks in which the model reads what became of it."""
    with Call(parts["gateway"].address, _opening()) as call:
        call.chunks(CALM_CHUNKS)
        call.say(_speech())
        with windows.open("action"):
            call.until(lambda message: message.HasField("outcome"))
            call.chunks(CALM_CHUNKS)


def _refusal(parts: Mapping[str, Process], windows: Windows) -> None:
    """One session more than there are slots, while nobody speaks."""
    address = parts["gateway"].address
    held = [Call(address, _opening(CLOCK_FILE)) for _ in range(DECODERS * SLOTS)]
    time.sleep(SETTLE_S)
    try:
        for take in range(REFUSALS):
            with windows.open("refusal", take):
                code = _refused(address)
            assert code, "the session was to be refused"
            time.sleep(SETTLE_S)
        _note(f"refused: {code}")
    finally:
        for call in held:
            call.cut()


def _refused(address: str) -> str:
    """The code with which a session is refused; "" when it is not."""
    try:
        return Call(address, _opening(CLOCK_FILE)).first.error.code
    except grpc.RpcError as error:
        return str(error.code())


def _resume(parts: Mapping[str, Process], windows: Windows) -> None:
    """A connection breaks, and the session goes on at another gateway."""
    first = Call(parts["gateway"].address, _opening())
    first.chunks(CALM_CHUNKS)
    token, next_chunk = first.first.opened.resume_token, CALM_CHUNKS
    with windows.open("resume"):
        first.cut()
        with Call(parts["gateway-2"].address, _opening(token=token, next_chunk=next_chunk)) as second:
            assert second.first.HasField("opened"), second.first
            second.chunks(CALM_CHUNKS)


def _migration(parts: Mapping[str, Process], windows: Windows) -> None:
    """The decoder of a live session is drained; the last way, as it ends a decoder."""
    with Call(parts["gateway"].address, _opening()) as call:
        call.chunks(CALM_CHUNKS)
        (busy,) = filter(_sessions, _decoders(parts))
        with windows.open("migration"):
            asking = threading.Thread(target=_ask, args=(busy.control, "/drain?deadline_s=50"), daemon=True)
            asking.start()
            deadline = time.monotonic() + ANSWER_S
            while asking.is_alive() and time.monotonic() < deadline:
                call.chunks(1)
            call.chunks(CALM_CHUNKS)


TAKE: dict[str, Callable[[Mapping[str, Process], Windows], None]] = {
    "idle": _idle,
    "chunk": _chunk,
    "action": _action,
    "refusal": _refusal,
    "resume": _resume,
    "migration": _migration,
}


def _decoders(parts: Mapping[str, Process]) -> list[Process]:
    return [part for name, part in parts.items() if name.startswith("triton")]


def _await_idle(parts: Mapping[str, Process]) -> None:
    """No decoder holds a session of the way before."""
    deadline = time.monotonic() + ANSWER_S
    while any(map(_sessions, _decoders(parts))):
        if time.monotonic() > deadline:
            raise TimeoutError("a session of the way before does not end")
        time.sleep(POLL_S)


def _sessions(decoder: Process) -> int:
    with urllib.request.urlopen(f"http://{decoder.control}/healthz", timeout=10.0) as answer:
        return int(json.load(answer)["sessions"])


def _ask(control: str, path: str) -> None:
    """The same answer whether something was left or not: the histories of the call tell more."""
    request = urllib.request.Request(f"http://{control}{path}", method="POST")
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
            _note(f"drained: {answer.read().decode()}")
    except OSError as error:
        _note(f"drain: {error}")


def _speech() -> bytes:
    with wave.open(str(RECORDING)) as recording:
        assert recording.getframerate() == SAMPLE_RATE
        return recording.readframes(recording.getnframes())


def _show(found: Mapping[str, Mapping[str, set[str]]], *, files: bool) -> None:
    idle, chunk = (set[str]().union(*found[way].values()) for way in ("idle", "chunk"))
    totals = {}
    for way, processes in found.items():
        every = set[str]().union(*processes.values())
        totals[way] = {
            "files": len(every),
            "busy": len(every - idle),
            "new": len(every - chunk),
            "lines": sum(map(_lines, every)),
        }
        each = ", ".join(f"{process} {len(names)}" for process, names in sorted(processes.items()))
        print(f"{way:<10} {totals[way]}: {each}")
        for process, names in sorted(processes.items()) if files else []:
            print(*(f"    {process:<9} {name}" for name in sorted(names)), sep="\n")
    print(json.dumps(totals))


def _lines(file: str) -> int:
    return len((TREE / file).read_text().splitlines())


def _note(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
