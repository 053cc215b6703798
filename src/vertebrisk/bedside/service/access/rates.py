"""How often one client may ask: a bucket of tokens each, filled at a steady rate."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from vertebrisk.bedside.service.settings import Rate

MAX_CLIENTS = 10_000


class Buckets:
    """Tokens by client; clients whose bucket is full again are forgotten."""

    __slots__ = ("_clock", "_left", "_rate")

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def wait(self, client: str) -> int:
        """0 when the client may ask now, else whole seconds after which it may."""
        now = self._clock()
        burst = float(self._rate.burst)
        left, since = self._left.pop(client, (burst, now))
        left = min(burst, left + (now - since) * self._rate.per_second)
        if len(self._left) >= MAX_CLIENTS:
            self._forget(now)
        if left < 1.0:
            self._left[client] = (left, now)
            return max(1, math.ceil((1.0 - left) / self._rate.per_second))
        self._left[client] = (left - 1.0, now)
        return 0

    def _forget(self, now: float) -> None:
        """Drop full buckets, and where that is not enough the longest unused."""
        full = self._rate.burst / self._rate.per_second
        for client, (_, since) in list(self._left.items()):
            if now - since < full and len(self._left) < MAX_CLIENTS // 2:
                break
            del self._left[client]
