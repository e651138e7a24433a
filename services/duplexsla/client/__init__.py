"""What a user imports: open a conversation, send sound, read what comes back.

    async with connect("127.0.0.1:50051") as client, client.converse("my-home") as conversation:
        playing = asyncio.create_task(play(conversation, samples))  # 16-bit mono at 16 kHz
        async for response in conversation:
            print(response)
        await playing

A conversation is live unless `clock="file"` is said: `play` sends at the pace of speech then, since a gateway
drops what comes more than 640 ms too early. A microphone has that pace by itself: await `conversation.send`
for each frame, and `conversation.end` at last.

For a recording: `async for response in stream_file(address, "request.wav", home="my-home")`.
Errors of the server come as the classes of `duplexsla.errors`.
"""

from duplexsla.audio.wav import read_wav
from duplexsla.client.conversation import Client, Conversation, connect
from duplexsla.client.recordings import play, stop_playing, stream_file

__all__ = ["Client", "Conversation", "connect", "play", "stop_playing", "read_wav", "stream_file"]
