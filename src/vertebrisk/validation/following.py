"""Who follows a validation: is told what is done, and may have some of it already."""

from __future__ import annotations

from typing import Any

WORKER = "vertebrisk"  # how the names of the threads begin that do batches


class Follower:
    """A `progress` that may also keep the batches of a validation.

    Whatever counts resamples can be a plain callable; one that keeps finished batches, so that
    an interrupted validation goes on from where it stood, is of this class. Its methods are
    called from several threads.
    """

    def __call__(self, count: int) -> None:
        """So many more resamples are done."""
        raise NotImplementedError

    def found(self, start: int, count: int) -> Any | None:
        """What a batch gave in an earlier run; None where it is still to be done.

        Parameters
        ----------
        start : int
            Number of its first resample.
        count : int
            How many it has.
        """
        raise NotImplementedError

    def keep(self, start: int, count: int, piece: object) -> None:
        """A batch is done, and gave this."""
        raise NotImplementedError
