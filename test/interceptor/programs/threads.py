"""threads.py COUNT CONNECTS BLOCKED ALLOWED: as threads.c, in Python."""

import socket
import struct
import sys
import threading

count, connects = int(sys.argv[1]), int(sys.argv[2])
blocked, allowed = ((host, int(port)) for host, port in (text.split(":") for text in sys.argv[3:5]))
at_once = struct.pack("ii", 1, 0)
start = threading.Barrier(count)
totals = {"failed": 0, "connected": 0, "wrong": 0}
lock = threading.Lock()


def attempt(to):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as one:
        try:
            one.connect(to)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            return "connected"
        except ConnectionRefusedError:
            return "failed"


def run():
    mine = {"failed": 0, "connected": 0, "wrong": 0}
    start.wait()
    for _ in range(connects):
        for to, expected in ((blocked, "failed"), (allowed, "connected")):
            outcome = attempt(to)
            mine[outcome if outcome == expected else "wrong"] += 1
    with lock:
        for name, number in mine.items():
            totals[name] += number


threads = [threading.Thread(target=run) for _ in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(", ".join(f"{number} {name}" for name, number in totals.items()))
