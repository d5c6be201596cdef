# websockets: the asyncio server of its documentation, with `broadcast` for groups and uvloop where that is installed.
# It runs with the old interface (to 12) and the new one (from 13 on).

import asyncio
import os

import websockets

try:
    import uvloop

    uvloop.install()
except ImportError:
    pass

try:
    from websockets.asyncio.server import broadcast, serve
except ImportError:
    from websockets import broadcast
    from websockets.server import serve

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
SLOW_HANDLER_SECONDS = 0.05
GROUP = "/group/"

groups = {}


async def echo(websocket):
    async for message in websocket:
        await websocket.send(message)


async def in_group(websocket, name):
    group = groups.setdefault(name, set())
    group.add(websocket)
    try:
        async for message in websocket:
            broadcast(group, message)
    finally:
        group.discard(websocket)


async def slow(websocket):
    async for message in websocket:
        await asyncio.sleep(SLOW_HANDLER_SECONDS)
        await websocket.send(message)


async def handler(websocket):
    request = getattr(websocket, "request", None)
    path = websocket.path if request is None else request.path
    try:
        if path == "/slow":
            await slow(websocket)
        elif path.startswith(GROUP):
            await in_group(websocket, path[len(GROUP) :])
        else:
            await echo(websocket)
    except websockets.ConnectionClosed:
        pass


async def main():
    options = {"compression": None, "max_size": MAX_MESSAGE_BYTES, "ping_interval": None, "backlog": 4096}
    async with serve(handler, "127.0.0.1", int(os.environ["PORT"]), **options):
        print("ready", flush=True)
        await asyncio.Future()


asyncio.run(main())
