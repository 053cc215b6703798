"""How cost grows: linear in patients, at most as the square of predictors in regression.

Counted in processor time of all threads, on which other work on the machine tells less than on the
clock.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rows_large import Invented, auc_run, concordance_run, cox_run, logistic_run
from timings import shown

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
QUICK_SIZES = (10_000, 100_000)
FEW = 4  # predictors where patients grow in number
COUNTS = (5, 10, 20, 40)
PATIENTS = 200_000  # where predictors grow in number
QUICK_PATIENTS = 20_000
ENOUGH = 5_000_000  # patients from which on one run is enough


@dataclass(frozen=True, slots=True)
class Growth:
    """Processor seconds of one piece of work at several sizes.

    Attributes
    ----------
    work, of : str
        What was done, and what grew.
    sizes : tuple of int
    seconds : tuple of float
    """

    work: str
    of: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def powers(self) -> tuple[float, ...]:
        """Power with which time grew from each size to the next: 1 is linear."""
        steps = zip(self.sizes, self.sizes[1:], self.seconds, self.seconds[1:], strict=False)
        return tuple(math.log(b / a) / math.log(m / n) for n, m, a, b in steps)

    def line(self) -> str:
        """One line of the table."""
        times = "".join(f"{shown(each):>11}" for each in self.seconds)
        each = self.seconds[-1] / self.sizes[-1]
        unit = f"{each * 1e9:.0f} ns" if self.of == "patients" else ""
        powers = ", ".join(f"{power:.2f}" for power in self.powers)
        return f"{self.work:<14}{self.of:<12}{times}{unit:>10}  {powers}"

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "work": self.work,
            "of": self.of,
            "sizes": list(self.sizes),
            "seconds": list(self.seconds),
            "powers": list(self.powers),
        }


def measure(*, quick: bool) -> list[dict[str, Any]]:
    """Time every work at every size, and print a line each."""
    found = []
    sizes = QUICK_SIZES if quick else SIZES
    print(heading("patients", sizes), flush=True)
    for name, start in WORKS.items():
        found.append(grown(name, "patients", sizes, [(size, FEW) for size in sizes], start))
    rows = QUICK_PATIENTS if quick else PATIENTS
    print(heading(f"predictors of {rows:,} patients", COUNTS), flush=True)
    for name in ("logistic", "cox"):
        shapes = [(rows, count) for count in COUNTS]
        found.append(grown(name, "predictors", COUNTS, shapes, WORKS[name]))
    return [growth.to_dict() for growth in found]


def heading(of: str, sizes: tuple[int, ...]) -> str:
    last = "a patient" if of == "patients" else ""
    named = "".join(f"{size:>11,}" for size in sizes)
    return f"\n{'growth with ' + of:<26}{named}{last:>10}  power from size to size"


def grown(
    work: str,
    of: str,
    sizes: tuple[int, ...],
    shapes: list[tuple[int, int]],
    start: Callable[[Invented], Callable[[int], object]],
) -> Growth:
    """Median of three runs at each size, one where patients are very many."""
    growth = Growth(work, of, sizes, tuple(taken(shapes, start)))
    print(growth.line(), flush=True)
    return growth


def taken(
    shapes: list[tuple[int, int]], start: Callable[[Invented], Callable[[int], object]]
) -> Iterator[float]:
    start(Invented(*shapes[0]))(0)  # fills caches
    for patients, predictors in shapes:
        run = start(Invented(patients, predictors))
        yield statistics.median(worked(run) for _ in range(1 if patients >= ENOUGH else 3))


def worked(run: Callable[[int], object]) -> float:
    """Processor time of one run."""
    start = time.process_time()
    run(0)
    return time.process_time() - start


def logistic(data: Invented) -> Callable[[int], object]:
    return logistic_run("event ~ " + " + ".join(data.names), data.frame)


def cox(data: Invented) -> Callable[[int], object]:
    return cox_run("Surv(time, event) ~ " + " + ".join(data.names), data.frame)


WORKS: dict[str, Callable[[Invented], Callable[[int], object]]] = {
    "logistic": logistic,
    "cox": cox,
    "auc": auc_run,
    "concordance": concordance_run,
}
