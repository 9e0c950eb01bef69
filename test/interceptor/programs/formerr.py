"""formerr.py SERVER NAME ADDRESS PORT: a DNS server that does not understand the first question and says so without
repeating it, and a client that asks again on the same socket, as c-ares does; then the client connects to the answer."""

import socket
import struct
import sys
import threading

server, name, address, port = sys.argv[1:]
labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
question = labels + struct.pack(">HH", 1, 1)


def serve(listener):
    _, client = listener.recvfrom(512)
    listener.sendto(struct.pack(">HHHHHH", 1, 0x8181, 0, 0, 0, 0), client)
    _, client = listener.recvfrom(512)
    answer = struct.pack(">HHHIH", 0xC00C, 1, 1, 60, 4) + socket.inet_aton(address)
    listener.sendto(struct.pack(">HHHHHH", 2, 0x8180, 1, 1, 0, 0) + question + answer, client)


listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind((server, 53))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
    asking.connect((server, 53))
    for number in (1, 2):
        asking.send(struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + question)
        print(len(asking.recv(512)), "bytes")
try:
    socket.create_connection((address, int(port))).close()
    print("connected")
except ConnectionRefusedError:
    print("refused")
