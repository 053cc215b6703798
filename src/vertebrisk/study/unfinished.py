"""What is kept of a run until it is whole, so that it can go on from where it stood.

The batches of its validation lie in the folder `unfinished` of the output, one file each,
written whole or not at all. Each file names the run it belongs to by a digest of protocol, data,
seed and version: another run never takes it up. They hold what each resample gave and no
patient, are open to their owner alone, and are removed when the run is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
import re
import threading
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from vertebrisk import _files
from vertebrisk._types import Json
from vertebrisk._version import __version__
from vertebrisk.errors import DataError
from vertebrisk.kernels import compiled
from vertebrisk.validation.following import Follower
from vertebrisk.validation.kept import packed, unpacked
from vertebrisk.validation.resampling import Replicates

FOLDER = "unfinished"
SOON = 5.0  # seconds of work up to which nothing is kept: it is done again as soon
_OURS = re.compile(r"[a-z-]+_\d+\.npz|\.[a-z-]+_\d+\.npz\.[0-9a-f]{8}\.part")
_LIBRARIES = ("numpy", "scipy")


class Unfinished:
    """The batches of a run that are done, on disk once it has taken a while.

    Parameters
    ----------
    output : Path
        Folder of the run's results.
    soon : float
        Seconds of work up to which nothing is written.
    """

    def __init__(self, output: Path, soon: float = SOON) -> None:
        self.folder = output / FOLDER
        self.notes: list[str] = []
        self.kept: dict[str, list[int]] = {}
        self._start = time.monotonic()
        self._soon = soon
        self._waiting: list[tuple[Path, bytes]] = []
        self._lock = threading.Lock()
        self._writes = not self.folder.is_symlink()

    def follower(
        self, step: str, run: Json, total: int, told: Callable[[int], None]
    ) -> KeptBatches:
        """Who follows one step of the run that `run` describes; `told` hears of what is done."""
        self.kept[step] = [0, total]
        return KeptBatches(self, step, _digest({**run, "step": step}), told)

    def read(self, path: Path, key: str, count: int) -> Replicates | None:
        """A batch of an earlier run; None where there is none, with a note where it is no use."""
        if not self._writes or path.is_symlink():
            return None
        try:
            content = path.read_bytes()
        except OSError:
            return None
        try:
            return unpacked(content, key, count)
        except DataError as error:
            self._note(f"'{path}' is {error}; it is not used")
            return None

    def write(self, step: str, path: Path, content: bytes, count: int) -> None:
        """Keep one batch: at first in memory, on disk as soon as it is worth it."""
        with self._lock:
            self.kept[step][0] += count
            if self._writes:
                self._waiting.append((path, content))
                self._flush()

    def _flush(self) -> None:
        """Write what waits, once the run has taken long enough."""
        if time.monotonic() - self._start < self._soon:
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            while self._waiting:
                _files.write_bytes(*self._waiting[0])
                self._waiting.pop(0)
        except (OSError, DataError) as error:
            self._writes = False
            self._waiting.clear()
            self._note(f"nothing is kept for later: {error}".rstrip("."))

    def counted(self, step: str, count: int) -> None:
        """So many resamples of a step were found on disk."""
        with self._lock:
            self.kept[step][0] += count

    def interrupted(self) -> str:
        """Keep what is done; what that is, and how to go on, in a line."""
        with self._lock:
            if self._waiting:
                self._flush()
            parts = [
                f"{done} of {total} resamples of the {step}"
                for step, (done, total) in self.kept.items()
                if done
            ]
        if self._waiting or not (self._writes and parts and self.folder.is_dir()):
            return "nothing is kept, and files are whole or absent."
        return (
            f"kept in '{self.folder}': {'; '.join(parts)}. Run the same command again to go on "
            "from there."
        )

    def remove(self) -> None:
        """The run is whole: nothing of it is needed any more."""
        if self.folder.is_symlink() or not self.folder.is_dir():
            return
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                if _OURS.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                    path.unlink()
            self.folder.rmdir()

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


class KeptBatches(Follower):
    """Follows one step of a run, and keeps its batches."""

    def __init__(
        self, unfinished: Unfinished, step: str, key: str, told: Callable[[int], None]
    ) -> None:
        self._unfinished = unfinished
        self._step = step
        self._key = key
        self._told = told

    def __call__(self, count: int) -> None:
        """So many more are done."""
        self._told(count)

    def found(self, start: int, count: int) -> Replicates | None:
        """The batch of an earlier run."""
        made = self._unfinished.read(self._path(start), self._key, count)
        if made is not None:
            self._unfinished.counted(self._step, count)
        return made

    def keep(self, start: int, count: int, piece: object) -> None:
        """Keep a batch; what is said of single patients is none."""
        if isinstance(piece, Replicates):
            content = packed(piece, self._key)
            self._unfinished.write(self._step, self._path(start), content, count)

    def _path(self, start: int) -> Path:
        name = re.sub(r"[^a-z]+", "-", self._step.lower()).strip("-")
        return self._unfinished.folder / f"{name}_{start}.npz"


def _digest(run: Json) -> str:
    """What a batch must agree in to be taken up again, as a digest."""
    made_by = {
        "version": __version__,
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        "machine": platform.machine(),
        "compiled": compiled.enabled(),
    }
    text = json.dumps({**made_by, **run}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
