#!/usr/bin/env python3
"""relay.py MILLISECONDS ADDRESS PORT: a TCP relay that makes a round trip that much longer. Prints its own port.

Each direction delays by half. The kernel answers the handshake of the client at once, and a server would speak one and
a half round trips after the client began, so the relay connects to the server only then."""

import queue
import socket
import sys
import threading
import time


def carry(source, sink, delay, start):
    """Carries bytes, and their end, from one socket to the other. None arrives before `start`."""
    waiting = queue.Queue()

    def read():
        while True:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            waiting.put((max(start, time.monotonic() + delay), data))
            if not data:
                return

    threading.Thread(target=read, daemon=True).start()
    while True:
        due, data = waiting.get()
        time.sleep(max(0, due - time.monotonic()))
        try:
            if data:
                sink.sendall(data)
                continue
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            # The other end is gone: whoever sends must learn that.
            close(source)
        return


def close(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()


def serve(client, server_address, round_trip):
    start = time.monotonic() + 1.5 * round_trip
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    time.sleep(max(0, start - time.monotonic()))
    try:
        server = socket.create_connection(server_address)
    except OSError:
        close(client)
        return
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    directions = [
        threading.Thread(target=carry, args=(client, server, round_trip / 2, start), daemon=True),
        threading.Thread(target=carry, args=(server, client, round_trip / 2, start), daemon=True),
    ]
    for direction in directions:
        direction.start()
    for direction in directions:
        direction.join()
    client.close()
    server.close()


def listen(server_address, round_trip):
    """A listening socket on a free port of 127.0.0.1, and the thread that serves it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client, server_address, round_trip), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    return listener, thread


if __name__ == "__main__":
    listener, thread = listen((sys.argv[2], int(sys.argv[3])), float(sys.argv[1]) / 1000)
    print(listener.getsockname()[1], flush=True)
    thread.join()
