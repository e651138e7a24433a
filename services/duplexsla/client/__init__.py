"""What a user imports: open a conversation, send sound, read what comes back.

    async with connect("127.0.0.1:50051") as client, client.converse("my-home") as conversation:
        await conversation.send(samples)
        await conversation.end()
        async for response in conversation:
            print(response)

Or, for a recording: `async for response in stream_file(address, "request.wav", home="my-home")`.
Errors of the server come as the classes of `duplexsla.errors`.
"""

from duplexsla.audio.wav import read_wav
from duplexsla.client.conversation import Client, Conversation, connect
from duplexsla.client.recordings import play, stream_file

__all__ = ["Client", "Conversation", "connect", "play", "read_wav", "stream_file"]
