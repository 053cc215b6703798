"""The most memory that this process held, as the system counts it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

STATUS = Path("/proc/self/status")
FORGET = Path("/proc/self/clear_refs")


def forget_peak() -> None:
    """Count the most resident memory from here on, where the system can."""
    with suppress(OSError):
        FORGET.write_text("5", encoding="ascii")


def peak_bytes() -> float:
    """Most resident memory since `forget_peak`; since the start where that is not counted.

    What `getrusage` counts of a process begins with the memory of the one that started it.
    """
    if STATUS.is_file():
        for line in STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM"):
                return float(line.split()[1]) * 1024.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
