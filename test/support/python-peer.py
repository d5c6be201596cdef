"""A client made with Python's websockets: reads steps as JSON from stdin, and answers each with a line of JSON.

It runs on version 10, which Debian 12 has, and on those of today, whose `connect` is another one with other errors.
"""

import asyncio
import json
import sys

from websockets import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake


async def echo(ws, step):
    """Sends messages of these sizes, whole or in fragments; says whether all came back as they were."""
    messages = []
    for size in step["sizes"]:
        messages += ["ä" * (size // 2), bytes(index % 251 for index in range(size))]
    same = 0
    for message in messages:
        if step.get("fragments") and len(message) > 3:
            third = len(message) // 3
            await ws.send([message[:third], message[third : 2 * third], message[2 * third :]])
        else:
            await ws.send(message)
        same += (await ws.recv()) == message
    return {"same": same, "of": len(messages)}


def extensions_of(ws):
    return ws.extensions if hasattr(ws, "extensions") else ws.protocol.extensions


async def run(step):
    options = dict(max_size=2**24, compression=None, open_timeout=30, close_timeout=30)
    options.update(step.get("options", {}))
    try:
        async with connect(step["url"], **options) as ws:
            opened = {
                "subprotocol": ws.subprotocol,
                "extensions": [extension.name for extension in extensions_of(ws)],
            }
            if step["do"] == "echo":
                return {**opened, **await echo(ws, step)}
            if step["do"] == "ping":
                await (await ws.ping("are you there"))
                return {"ponged": True}
            if step["do"] == "close":
                await ws.close(step["code"], step["reason"])
                return {"code": ws.close_code, "reason": ws.close_reason}
            if step["do"] == "receive":
                messages = []
                try:
                    while True:
                        messages.append(await ws.recv())
                except ConnectionClosed:
                    return {"messages": messages, "code": ws.close_code, "reason": ws.close_reason}
    except InvalidHandshake as refusal:
        response = getattr(refusal, "response", refusal)
        return {"status": response.status_code}


async def main():
    for line in sys.stdin:
        print(json.dumps(await run(json.loads(line))), flush=True)


asyncio.run(main())
