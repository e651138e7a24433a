"""Plays a recording to a running gateway and shows the three channels, chunk by chunk, as they happen.

The recording is sent as a microphone would send it, in real time (--clock live), or as fast as the model
decodes it (--clock file). Silence follows it (--tail), in which the reply is heard and written as a WAV
file of its own. When the gateway dies or drains, or the connection breaks, the call goes on at another
gateway by itself; notices say what was lost.

Examples:
  duplexsla up && duplexsla call examples/turn_on_the_kitchen_light.wav
  duplexsla call --clock file --json examples/turn_on_the_kitchen_light.wav | tail -1
  duplexsla call --address voice.example.com:50051 --token @my.key --home my-home request.wav

Exit status 0 when the session ended in order, 1 otherwise.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from duplexsla.audio.wav import read_wav_converted, write_wav
from duplexsla.cli.call_record import json_row
from duplexsla.cli.chunk_table import ChunkTable
from duplexsla.v1.session_pb2 import ConverseResponse

ATTENTION = ("always", "wake", "turned")
ATTENTION_HELP = "always: all is meant for it; wake: nobody turns to it; turned: somebody does at the start"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recording", type=Path, metavar="FILE.wav", help="PCM, 16 bits; any rate")
    parser.add_argument(
        "--address", help="host:port of the gateway, or of several, with commas (default: the running ones)"
    )
    parser.add_argument("--home", default="demo", help="whose devices it may move (default: demo)")
    parser.add_argument("--clock", choices=("live", "file"), default="live", help="default: live")
    parser.add_argument("--attention", choices=ATTENTION, help=f"{ATTENTION_HELP} (default: the gateway's)")
    parser.add_argument(
        "--token",
        default="",
        help="API key or bearer token; @FILE: what that file holds, read when it is needed",
    )
    parser.add_argument("--api-key", dest="token", help="the same as --token")
    parser.add_argument(
        "--ca", type=Path, metavar="FILE", help="PEM of the authority that signed the gateway's certificate"
    )
    parser.add_argument("--tail", type=float, default=4.0, help="s of silence that follow (default: 4)")
    parser.add_argument("--reply", type=Path, default=Path("reply.wav"), help="default: reply.wav")
    parser.add_argument("--json", action="store_true", help="one JSON object per message, a last one sums up")
    parser.add_argument("--name", default="local", help="which running system (default: local)")


def run(options: argparse.Namespace) -> int:
    from duplexsla.cli.part_addresses import access_of, addresses_of
    from duplexsla.cli.recorded_call import converse
    from duplexsla.client.channels import ClientTls
    from duplexsla.client.credentials import token_from

    samples = read_wav_converted(options.recording, tail_s=options.tail)
    address = options.address or ",".join(addresses_of("gateway", options.name))
    known = None if options.address else access_of(options.name)
    token, ca = options.token or (known.token if known else ""), options.ca or (known and known.authority)
    show = _show_json if options.json else ChunkTable(samples)
    record = converse(
        address,
        home=options.home,
        samples=samples,
        live=options.clock == "live",
        show=show,
        attention="wake" if options.attention == "turned" else options.attention or "",
        turn=options.attention == "turned",
        token=token_from(token),
        tls=ClientTls(ca) if ca else None,
    )
    write_wav(options.reply, bytes(record.reply))
    summary = {**record.summary(), "reply_wav": str(options.reply)}
    print(json.dumps(summary) if options.json else summary_text(summary))
    return 0 if summary["ok"] else 1


def _show_json(response: ConverseResponse) -> None:
    print(json.dumps(json_row(response)), flush=True)


def summary_text(summary: dict[str, Any]) -> str:
    """The summary for a reader."""
    steps = summary["step_ms"]
    lines = [
        f"heard   {summary['heard']}",
        f"said    {summary['said']}",
        *(f"action  {row['function']} {row['state']}" for row in summary["actions"]),
        f"steps   p50 {steps['p50']} ms, p99 {steps['p99']} ms of 160 ms",
        f"reply   {summary['reply_wav']}",
    ]
    return "\n".join(lines if summary["ok"] else [*lines, f"failed  {summary['reason']}"])
