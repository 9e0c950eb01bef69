"""python.py socket|urllib|asyncio TARGET LIMIT_MS [TARGET LIMIT_MS]...: connects to each, with a limit of its own unless
that is 0, and prints a line of JSON about it. Imports no more than it uses: under qemu that takes seconds."""

import errno
import json
import socket
import sys
import time

if sys.argv[1] == "urllib":
    import urllib.request
if sys.argv[1] == "asyncio":
    import asyncio


def split(target):
    host, _, port = target.rpartition(":")
    return host.strip("[]"), int(port)


def connect_socket(target, limit):
    socket.create_connection(split(target), timeout=limit).close()


def connect_urllib(target, limit):
    urllib.request.urlopen("http://" + target + "/", timeout=limit).read()


def connect_asyncio(target, limit):
    return asyncio.run(open_with_ticks(target, limit))


async def open_with_ticks(target, limit):
    """How the event loop fared meanwhile, and the error; none when it connected."""
    ticks = 0
    worst = 0.0
    last = time.monotonic()

    def look():
        nonlocal worst, last
        now = time.monotonic()
        worst = max(worst, now - last - 0.005)
        last = now

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1
            look()

    ticking = asyncio.ensure_future(tick())
    error = None
    try:
        opening = asyncio.open_connection(*split(target))
        _, writer = await asyncio.wait_for(opening, limit)
        writer.close()
    except (OSError, asyncio.TimeoutError) as caught:
        error = caught
    look()
    ticking.cancel()
    return error, {"ticks": ticks, "maxLoopLagMs": round(worst * 1000)}


def describe(error):
    if error is None:
        return "connected"
    name = type(error).__name__
    if name == "URLError":
        return name + ": " + describe(error.reason)
    number = getattr(error, "errno", None)
    return name if number is None else name + " " + errno.errorcode[number]


def main(how, pairs):
    way = {"socket": connect_socket, "urllib": connect_urllib, "asyncio": connect_asyncio}[how]
    for target, limit_ms in zip(pairs[::2], pairs[1::2]):
        limit = None if limit_ms == "0" else int(limit_ms) / 1000
        started = time.monotonic()
        error, loop = None, {}
        try:
            error, loop = way(target, limit) or (None, {})
        except OSError as caught:
            error = caught
        ms = round((time.monotonic() - started) * 1000)
        print(json.dumps({"target": target, "outcome": describe(error), "ms": ms, **loop}), flush=True)


main(sys.argv[1], sys.argv[2:])
