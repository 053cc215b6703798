"""A load generator: so many keep-alive connections, each asking again once it is answered.

    python bench/load_client.py HOST PORT PATH CONNECTIONS REQUESTS < body

A process of its own, so that it takes no time of the service's interpreter; one thread and plain
sockets, so that it is no slower than what it measures. Prints one line of JSON: statuses,
microseconds of every request, and the seconds from the first request to the last answer.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from array import array
from collections import Counter

END = b"\r\n\r\n"
LENGTH = b"content-length: "


class Connection:
    """One connection, with the answer that is arriving on it."""

    __slots__ = ("_buffer", "_expected", "_sent", "socket")

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._expected = 0
        self._sent = 0.0

    def ask(self, request: bytes) -> None:
        """Send a request; the one before has been answered."""
        self._buffer, self._expected = b"", 0
        self._sent = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> tuple[int, float] | None:
        """Status and seconds once the answer is whole; status 0 where the service hung up."""
        received = self.socket.recv(65536)
        if not received:
            return 0, time.perf_counter() - self._sent
        self._buffer = self._buffer + received if self._buffer else received
        if not self._expected:
            end = self._buffer.find(END)
            if end < 0:
                return None
            self._expected = end + len(END) + length_of(self._buffer[:end].lower())
        if len(self._buffer) < self._expected:
            return None
        return int(self._buffer[9:12]), time.perf_counter() - self._sent


def length_of(head: bytes) -> int:
    start = head.index(LENGTH) + len(LENGTH)
    end = head.find(b"\r", start)
    return int(head[start:] if end < 0 else head[start:end])


def request_of(host: str, port: int, path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def run(host: str, port: int, request: bytes, connections: int, requests: int) -> dict[str, object]:
    """All requests, shared by the connections as each becomes free."""
    taken = array("d")
    statuses: Counter[int] = Counter()
    waiting = selectors.DefaultSelector()
    left = requests
    start = time.perf_counter()
    for _ in range(min(connections, requests)):
        connection = Connection(host, port)
        waiting.register(connection.socket, selectors.EVENT_READ, connection)
        connection.ask(request)
        left -= 1
    while waiting.get_map():
        for key, _ in waiting.select():
            connection = key.data
            found = connection.answered()
            if found is None:
                continue
            status, seconds = found
            taken.append(seconds)
            statuses[status] += 1
            if left > 0 and status:
                connection.ask(request)
                left -= 1
            else:
                waiting.unregister(connection.socket)
                connection.socket.close()
    return {
        "seconds": time.perf_counter() - start,
        "statuses": {str(status): count for status, count in statuses.items()},
        "microseconds": [round(each * 1e6) for each in taken],
    }


def main() -> int:
    host, port, path, connections, requests = sys.argv[1:]
    request = request_of(host, int(port), path, sys.stdin.buffer.read())
    print(json.dumps(run(host, int(port), request, int(connections), int(requests))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
