"""A folder for columns on disk that goes when nobody needs it any more."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

from vertebrisk.errors import DataError


class ScratchFolder:
    """A folder of one's own; removed by `close`, or with the last thing that refers to it.

    Parameters
    ----------
    parent : Path, optional
        Where it is made; the system's folder for temporary files by default.
    """

    def __init__(self, parent: Path | None = None) -> None:
        try:
            self.path = Path(tempfile.mkdtemp(prefix="vertebrisk-", dir=parent))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DataError(
                f"No scratch folder can be made in '{parent or tempfile.gettempdir()}': {reason}. "
                "Name a folder on a disk with room."
            ) from None
        self._finalise = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def close(self) -> None:
        """Remove the folder and all in it."""
        self._finalise()
