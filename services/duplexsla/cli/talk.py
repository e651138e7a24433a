"""One spoken request in this process: the model and a simulated home inside, no server.

The recording is decoded chunk by chunk, each 160 ms seeing only what was said until then, as fast as this
machine can. Its silence at the end is where the reply is heard; --tail adds some.

Examples:
  duplexsla talk examples/turn_on_the_kitchen_light.wav
  duplexsla talk --json --tail 5 request.wav | tail -1
  duplexsla talk --toolset home a.wav b.wav c.wav        one session after the other, one home for all

Exit status 0 when every session ended in order.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from duplexsla.cli.call import ATTENTION, ATTENTION_HELP

if TYPE_CHECKING:  # imported when needed, so that --help is instant
    from duplexsla.cli.call_record import CallRecord
    from duplexsla.cli.in_process import InProcessSession
    from duplexsla.v1.session_pb2 import ConverseResponse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recordings", type=Path, nargs="+", metavar="FILE.wav", help="PCM, 16 bits; any rate")
    parser.add_argument("--toolset", choices=("home", "car"), default="home", help="default: home")
    parser.add_argument(
        "--attention", choices=ATTENTION, default="always", help=f"{ATTENTION_HELP} (default: always)"
    )
    parser.add_argument("--tail", type=float, default=4.0, metavar="S", help="seconds of silence added (4)")
    parser.add_argument("--model", type=Path, help="folder of the weights (default: the checkout's)")
    parser.add_argument("--reply", type=Path, default=Path("reply.wav"), help="default: reply.wav")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch (default: 1)")
    parser.add_argument("--json", action="store_true", help="one JSON object per message, a last one sums up")


def run(options: argparse.Namespace) -> int:
    import torch

    from duplexsla.audio.wav import read_wav_converted, write_wav
    from duplexsla.cli.call import summary_text
    from duplexsla.cli.in_process import InProcessSession
    from duplexsla.engine.checkpoint import load_engine
    from duplexsla.home.simulated_home import SimulatedHome
    from duplexsla.runtime.checkout import model_folder

    folder = model_folder(options.model)
    torch.set_num_threads(options.threads)
    engine = load_engine(folder, slots=1)
    home = SimulatedHome()
    for recording in options.recordings:
        record = _converse(
            InProcessSession(engine, home, options.toolset, attention=options.attention),
            read_wav_converted(recording),
            options,
        )
        write_wav(options.reply, bytes(record.reply))
        summary = {**record.summary(), "reply_wav": str(options.reply)}
        print(json.dumps(summary) if options.json else summary_text(summary))
    return 0


def _converse(session: InProcessSession, samples: bytes, options: argparse.Namespace) -> CallRecord:
    from duplexsla.cli.call_record import CallRecord, json_row
    from duplexsla.cli.chunk_table import ChunkTable
    from duplexsla.cli.in_process import chunks
    from duplexsla.clock import CHUNK_S

    record = CallRecord()
    show = _as_json(json_row) if options.json else ChunkTable(samples)
    show(session.opened())
    for chunk in chunks(samples, tail_chunks=round(options.tail / CHUNK_S)):
        for response in session.step(chunk):
            record.add(response)
            show(response)
    record.add(session.close())
    return record


def _as_json(row: Callable[[ConverseResponse], object]) -> Callable[[ConverseResponse], None]:
    return lambda response: print(json.dumps(row(response)), flush=True)
