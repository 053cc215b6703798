"""A folder for columns on disk, for its owner alone, that goes when nobody needs it any more."""

from __future__ import annotations

import os
import platform
import re
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import BinaryIO

from vertebrisk._files import sha256
from vertebrisk.engines.closing import Closing
from vertebrisk.errors import DataError

VARIABLE = "VERTEBRISK_SCRATCH"
ELSEWHERE = f"Make room there, or name a folder on another disk by --scratch or {VARIABLE}."
PROCESSES = Path("/proc")
HELD = "held"
_NAME = re.compile(r"vertebrisk-(?P<machine>[0-9a-f]{12})-(?P<process>\d+)-(?P<start>\d+)-\w+")


class ScratchFolder(Closing):
    """A folder of one's own; removed by `close`, or with the last thing that refers to it.

    It is removed at the end of a `with` block, after an error, after Ctrl-C (in a command, also
    after SIGTERM) and at the end of the process. What a killed process left beside it is swept
    away when it is made, as far as that process ran on this machine.

    Parameters
    ----------
    parent : Path, optional
        Folder in which it is made. By default that of the environment's VERTEBRISK_SCRATCH,
        then `beside`, then the system's folder for temporary files.
    needed : int
        Bytes that will lie in it; so much must be free on its disk.
    beside : Path, optional
        Folder of the results.

    Raises
    ------
    DataError
        When the folder cannot be made, or its disk has too little room.
    """

    def __init__(
        self, parent: Path | None = None, needed: int = 0, beside: Path | None = None
    ) -> None:
        place = _place(parent, beside)
        try:
            _sweep(place)
            prefix = f"vertebrisk-{_machine()}-{os.getpid()}-{_start(os.getpid())}-"
            check_room(place, needed)
            self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
            held = (self.path / HELD).open("xb")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DataError(
                f"No scratch folder can be made in '{place}': {reason}. {ELSEWHERE}"
            ) from None
        self._finalise = weakref.finalize(self, _remove, self.path, held, os.getpid())
        _FOLDERS.add(self)

    def close(self) -> None:
        """Remove the folder and all in it."""
        self._finalise()

    def __reduce__(self) -> tuple[type[Path], tuple[str]]:
        # Another process may know where it is; the folder remains that of the one that made it.
        return Path, (str(self.path),)


_FOLDERS: weakref.WeakSet[ScratchFolder] = weakref.WeakSet()


def remove_all() -> None:
    """Remove every folder of this process, which is about to end without a word to anybody."""
    for folder in tuple(_FOLDERS):
        folder.close()


def check_room(folder: Path, needed: int) -> None:
    """Refuse a folder on whose disk fewer bytes are free than will be written.

    Raises
    ------
    DataError
        That says how much is needed, where, and how much is free.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DataError(
            f"{_size(needed)} of disk are needed in '{folder}', and {_size(free)} are free. "
            f"{ELSEWHERE}"
        )


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"


def _place(parent: Path | None, beside: Path | None) -> Path:
    written = os.environ.get(VARIABLE)
    place = parent or (Path(written) if written else None)
    if place is None and beside is not None:
        place = next(each for each in (beside, *beside.absolute().parents) if each.is_dir())
    return (place or Path(tempfile.gettempdir())).absolute()


def _remove(folder: Path, held: BinaryIO, owner: int) -> None:
    held.close()
    if os.getpid() == owner:  # and not a copy of that process
        try:
            shutil.rmtree(folder, ignore_errors=True)
        except KeyboardInterrupt:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def _sweep(place: Path) -> None:
    """Remove what processes left here that did not live to do it: ours, of this machine."""
    for folder in place.glob("vertebrisk-*"):
        name = _NAME.fullmatch(folder.name)
        if (
            name is not None
            and name["machine"] == _machine()
            and not folder.is_symlink()
            and folder.is_dir()
            and not _in_use(folder, int(name["process"]), int(name["start"]))
        ):
            shutil.rmtree(folder, ignore_errors=True)


def _in_use(folder: Path, process: int, start: int) -> bool:
    """Whether the process that made a folder still lives."""
    if os.name != "nt":
        return _start(process) == start
    try:
        (folder / HELD).unlink()  # refused while that process holds it open
    except OSError:
        return True
    return False


def _start(process: int) -> int:
    """When a process began, in ticks of its system, or 0 where that is not known; -1: it is gone.

    A number of a process is given again; number and beginning together are not.
    """
    if os.name == "nt":
        return 0
    try:
        if (PROCESSES / "self").exists():
            stat = (PROCESSES / str(process) / "stat").read_text(encoding="utf-8", errors="replace")
            return int(stat.rpartition(")")[2].split()[19])
        os.kill(process, 0)
    except (ProcessLookupError, FileNotFoundError):
        return -1
    except OSError:
        pass
    return 0


def _machine() -> str:
    """Twelve signs for the machine, or the container, within which numbers of processes count."""
    try:
        space = str((PROCESSES / "self" / "ns" / "pid").readlink())
    except OSError:
        space = ""
    return sha256(f"{platform.node()} {space}".encode())[:12]
