"""HTTP as the server speaks it: a time in which a head must arrive, and one form of refusals.

The server itself waits for ever once a connection has sent a first byte, so that a client
which sends its headers letter by letter would hold a connection for nothing. What is no HTTP
it refuses in a plain text; here that has the form and the headers of every refusal.
"""

from __future__ import annotations

import json
from asyncio import TimerHandle, Transport

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from vertebrisk.bedside.service.access.headers import completed
from vertebrisk.bedside.service.problems import MEDIA_TYPE, Problem

HEAD_SECONDS = 10.0
_NO_HTTP = Problem(400, "malformed-request", "The request is no HTTP/1.1, or its head is too long.")


class TimedProtocol(H11Protocol):
    """A connection that is closed when it has not sent a whole head in time."""

    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and wait on if it is no whole head yet."""
        super().data_received(data)
        if self._between_requests():
            self._watch()
        else:
            self._stop_watching()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, and hang up."""
        body = json.dumps(_NO_HTTP.to_dict()).encode("ascii")
        headers = [
            (b"content-type", MEDIA_TYPE.encode("ascii")),
            (b"content-length", str(len(body)).encode("ascii")),
            (b"connection", b"close"),
        ]
        head = h11.Response(
            status_code=400,
            headers=completed(headers, https=self.config.is_ssl),
            reason=b"Bad Request",
        )
        for event in (head, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _watch(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_watching(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if self._between_requests():
            self.transport.close()
