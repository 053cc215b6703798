"""Blocks of memory are used again from chunk to chunk."""

from __future__ import annotations

import ctypes
from functools import cache

TRIM, MAP = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of the GNU C library
LARGEST = 16 << 20  # bytes of a block that is kept
KEPT = 64 << 20  # bytes that are kept before any are given back


@cache
def keep_blocks() -> None:
    """Let the C library keep what a chunk needs, where it is the GNU one.

    By default it gives every block of more than 128 kB back to the system at once. A chunk has
    many of 512 kB, and clearing the pages of new ones takes longer than reading the numbers
    into them. Other systems are left as they are.
    """
    try:
        adjust = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    adjust(MAP, LARGEST)
    adjust(TRIM, KEPT)
