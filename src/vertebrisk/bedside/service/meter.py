"""Counters and a histogram, in as many lines as the service needs."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meter:
    """Requests by route, method and status, their time by route, and patients scored.

    A route is the pattern, not the address, so labels are few and hold nothing of a patient.
    """

    __slots__ = ("_buckets", "_feedback", "_requests", "_seconds", "patients")

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}
        self._feedback: Counter[tuple[str, str]] = Counter()
        self.patients = 0

    def add(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests[route, method, status] += 1
        buckets = self._buckets.get(route)
        if buckets is None:
            buckets = self._buckets[route] = [0] * (len(SECONDS) + 1)
            self._seconds[route] = 0.0
        buckets[bisect_left(SECONDS, seconds)] += 1
        self._seconds[route] += seconds

    def add_feedback(self, model: str, outcomes: Iterable[str]) -> None:
        """Count what became of cards of a model."""
        self._feedback.update((model, each) for each in outcomes)

    def lines(self) -> list[str]:
        """The text format, a family after the other."""
        found = [
            "# HELP vertebrisk_requests_total Requests by route, method and status.",
            "# TYPE vertebrisk_requests_total counter",
            *(
                f'vertebrisk_requests_total{{route="{route}",method="{method}",'
                f'status="{status}"}} {count}'
                for (route, method, status), count in sorted(self._requests.items())
            ),
            "# HELP vertebrisk_request_seconds Time from the request to the end of its answer.",
            "# TYPE vertebrisk_request_seconds histogram",
        ]
        for route, buckets in sorted(self._buckets.items()):
            total = 0
            for limit, count in zip([*map(str, SECONDS), "+Inf"], buckets, strict=True):
                total += count
                found.append(
                    f'vertebrisk_request_seconds_bucket{{route="{route}",le="{limit}"}} {total}'
                )
            label = f'{{route="{route}"}}'
            found.append(f"vertebrisk_request_seconds_sum{label} {self._seconds[route]:.6f}")
            found.append(f"vertebrisk_request_seconds_count{label} {total}")
        return [
            *found,
            "# HELP vertebrisk_patients_scored_total Patients whose risk was answered.",
            "# TYPE vertebrisk_patients_scored_total counter",
            f"vertebrisk_patients_scored_total {self.patients}",
            "# HELP vertebrisk_cds_feedback_total Cards of CDS Hooks by model and outcome.",
            "# TYPE vertebrisk_cds_feedback_total counter",
            *(
                f'vertebrisk_cds_feedback_total{{model="{model}",outcome="{outcome}"}} {count}'
                for (model, outcome), count in sorted(self._feedback.items())
            ),
        ]
