"""How the service is run: who may ask, how much, and under which names."""

from __future__ import annotations

from dataclasses import dataclass, field

from vertebrisk.bedside.service.access.clients import Clients
from vertebrisk.bedside.service.access.keys import KeyRing

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests that one client may make: so many a second, and so many at once."""

    per_second: float = 50.0
    burst: int = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits and lists of the service; the defaults suit one machine.

    Attributes
    ----------
    hosts : tuple of str
        Names by which the service may be addressed (the Host header, without port).
    cors_origins : tuple of str
        Origins whose pages may ask, such as ``https://ward.example``.
    keys : KeyRing or None
        Keys of clients; None asks for none.
    clients : Clients or None
        Who may ask for cards of CDS Hooks with signed tokens; None takes no tokens.
    public_url : str
        The address by which others know the service, without a '/' at the end; "" for the one
        that a request calls it by.
    rate : Rate or None
        None sets no limit.
    max_body : int
        Bytes of a body.
    max_patients : int
        Patients of one request.
    body_seconds : float
        Time in which a body must arrive.
    log_requests : bool
        A line in the log for every request.
    https : bool
        Answers say that the service is to be reached by TLS only.
    """

    hosts: tuple[str, ...] = LOOPBACK_NAMES
    cors_origins: tuple[str, ...] = ()
    keys: KeyRing | None = None
    clients: Clients | None = None
    public_url: str = ""
    rate: Rate | None = field(default_factory=Rate)
    max_body: int = 4 * 1024 * 1024
    max_patients: int = 10_000
    body_seconds: float = 10.0
    log_requests: bool = True
    https: bool = False
