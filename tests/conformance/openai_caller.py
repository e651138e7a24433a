"""A voice program as people write it, with the official client alone: speaks a WAV, and tells each event.

    python openai_caller.py BASE_URL SPEECH.wav

Runs in that client's environment, which has nothing of ours. SPEECH.wav: 24 kHz, one channel, 16 bits.
"""

import asyncio
import base64
import json
import sys
import wave

from openai import AsyncOpenAI

PIECE_S = 0.04
RATE = 24_000
RESPONSES = 2  # the first is interrupted


async def speak(connection, speech: bytes) -> None:
    """The speech, then silence, as a microphone gives it."""
    loop, size = asyncio.get_running_loop(), int(RATE * PIECE_S) * 2
    started, sent = loop.time(), 0
    while True:
        piece = speech[sent * size : (sent + 1) * size].ljust(size, b"\0")
        await connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())
        sent += 1
        await asyncio.sleep(max(0.0, started + sent * PIECE_S - loop.time()))


async def main(base_url: str, path: str) -> None:
    with wave.open(path, "rb") as file:
        speech = file.readframes(file.getnframes())
    client, left = AsyncOpenAI(api_key="key", base_url=base_url), RESPONSES
    async with client.realtime.connect(model="duplexsla") as connection:
        speaking = None
        async for event in connection:
            told = event.to_dict()
            if event.type == "response.output_audio.delta":
                told["bytes"] = len(base64.b64decode(told.pop("delta")))
            print(json.dumps({"parsed_as": type(event).__name__, **told}), flush=True)
            if event.type == "session.created":
                await connection.session.update(session={"type": "realtime", "instructions": "be brief"})
            elif event.type == "session.updated":
                speaking = asyncio.create_task(speak(connection, speech))
            elif event.type == "response.done":
                left -= 1
                if not left:
                    break
        if speaking is not None:
            speaking.cancel()


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 40.0))
