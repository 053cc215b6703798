"""The server under the service: one address, one process, an orderly start and stop."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.protocol import TimedProtocol
from vertebrisk.errors import ArgumentError

BACKLOG = 2048
STOP_SECONDS = 10  # for requests that are being answered when the service is stopped
IDLE_SECONDS = 15  # between two requests of one connection
MAX_CONNECTIONS = 1000


@dataclass(frozen=True, slots=True)
class Address:
    """Where the service listens.

    Raises
    ------
    ArgumentError
        When others than this machine could reach it in clear text and `insecure_public` does
        not say that this is meant, or a certificate lacks its key.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    certificate: Path | None = None
    key: Path | None = None
    insecure_public: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ArgumentError(f"The port is {self.port}; there are 0 to 65535.")
        if (self.certificate is None) != (self.key is None):
            raise ArgumentError("TLS needs both --tls-cert and --tls-key.")
        for path in (self.certificate, self.key):
            if path is not None and not path.is_file():
                raise ArgumentError(f"The TLS file '{path}' does not exist.")
        if not (self.loopback or self.tls or self.insecure_public):
            raise ArgumentError(
                f"--host '{self.host}' would let others reach the service in clear text. Add "
                "--tls-cert and --tls-key, put it behind a proxy that has TLS, or say "
                "--insecure-public."
            )

    @property
    def tls(self) -> bool:
        """True where answers are encrypted."""
        return self.certificate is not None

    @property
    def loopback(self) -> bool:
        """True where only this machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def shown_host(self) -> str:
        """The host as it stands in an address."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def names(self) -> tuple[str, ...]:
        """Names by which a request may call the service, those of all addresses left out."""
        return () if self.host in ("0.0.0.0", "::", "") else (self.shown_host,)


def serve(service: Service, address: Address, ready: Callable[[str], None]) -> None:
    """Serve until the process is told to stop; requests under way are answered first.

    Parameters
    ----------
    service : Service
    address : Address
    ready : callable
        Called with the address, such as ``http://127.0.0.1:8000``, once it is listened to.

    Raises
    ------
    ArgumentError
        When the address cannot be listened to, or certificate and key do not go together.
    """
    config = server_config(service, address)
    listener = _listener(address)
    port = listener.getsockname()[1]
    # The server hands the signal on once it has stopped in order; that is no failure.
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        ready(f"{'https' if address.tls else 'http'}://{address.shown_host}:{port}")
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        listener.close()


def server_config(service: Service, address: Address) -> uvicorn.Config:
    """The server's settings, ready to run.

    Raises
    ------
    ArgumentError
        When certificate and key do not go together.
    """
    config = uvicorn.Config(
        service,
        http=TimedProtocol,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=MAX_CONNECTIONS,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
    )
    try:
        config.load()
    except OSError as error:
        raise ArgumentError(
            f"The TLS files cannot be used ({error.strerror or type(error).__name__}); "
            "certificate and key must be PEM files that go together."
        ) from None
    return config


def _listener(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        listener = socket.create_server(
            (address.host, address.port), family=family, backlog=BACKLOG
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ArgumentError(
            f"{address.shown_host}:{address.port} cannot be listened to: {reason}. Choose "
            "another --port (0 takes a free one) or --host."
        ) from None
    # Head and body are two writes; without this the second waits 40 ms for the first's receipt.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
