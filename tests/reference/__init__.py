"""Reference values computed by R, and the data they were computed from."""

from __future__ import annotations

from .loader import frame, load

__all__ = ["frame", "load"]
