"""How much memory this process may still take, how much is free for it, and what it keeps."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from vertebrisk.errors import ArgumentError

VARIABLE = "VERTEBRISK_MEMORY"
MEMINFO = Path("/proc/meminfo")
CONTROL_GROUPS = Path("/sys/fs/cgroup")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(|[kmgt])i?b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_KEPT = 31 * 2**20  # bytes; glibc learns from blocks of up to 32 MB


def memory_available() -> int | None:
    """Bytes that may be used: what VERTEBRISK_MEMORY says, or what is free, in a container too.

    Returns
    -------
    int or None
        None where neither is known.

    Raises
    ------
    ArgumentError
        When VERTEBRISK_MEMORY is no size.
    """
    written = os.environ.get(VARIABLE, "").strip()
    if written:
        return size_of(written, VARIABLE)
    known = [each for each in (_free(), _left_in_container()) if each is not None]
    return min(known, default=None)


def size_of(text: str, name: str) -> int:
    """Bytes of a size such as ``8 GB``, ``500MB`` or ``1000000``; a kilobyte has 1000.

    Raises
    ------
    ArgumentError
        When it is none.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ArgumentError(f"{name} is '{text}'; a size is needed, such as '8 GB' or '500 MB'.")
    return round(float(match[1]) * 1000.0 ** _POWERS[match[2].lower()])


def _free() -> int | None:
    try:
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
        sizes = dict(line.split(":", 1) for line in lines if ":" in line)
        return int(sizes["MemAvailable"].split()[0]) * 1024
    except (OSError, ValueError, KeyError, IndexError):
        return _of_the_machine()


def _of_the_machine() -> int | None:
    """Half of all memory, where the system tells no more."""
    try:
        return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)
    except (AttributeError, ValueError, OSError):
        return None


def _left_in_container() -> int | None:
    try:
        limit = int((CONTROL_GROUPS / "memory.max").read_text(encoding="ascii"))
        used = int((CONTROL_GROUPS / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return max(limit - used, 0)


def keep_freed() -> None:
    """Have glibc keep some of what is freed, for what is asked for next.

    It gives memory back to the system beyond twice the largest block that it has seen freed
    (mallopt(3), M_MMAP_THRESHOLD), and the system clears every page that it gives out again:
    a sixth of the time of work that makes and frees arrays of a megabyte all along. Such a
    block, never written to, is freed here. Elsewhere nothing changes.
    """
    np.empty(_KEPT, dtype=np.uint8)
