"""The main job wherever its patients are: in memory, or read in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.protocol import Protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.places import engine_of, place_of
from vertebrisk.study.steps import Progress, StudyRun
from vertebrisk.study.unfinished import Unfinished

if TYPE_CHECKING:
    from vertebrisk.study.streamed.preparing import ScannedRun


def run_in_place(
    protocol: Protocol, options: RunOptions, progress: Progress, unfinished: Unfinished
) -> StudyRun | ScannedRun:
    """Run a study where the command line, the protocol or the size of its file say.

    Arguments and errors as of `run_study`. Nothing is kept of an interrupted run whose
    patients are read in pieces.
    """
    place = place_of(protocol, options)
    if not place.in_pieces:
        return run_study(protocol, options, progress, unfinished)
    from vertebrisk.study.streamed.binary import streamed_study
    from vertebrisk.study.streamed.followed import streamed_followed_study
    from vertebrisk.study.streamed.preparing import prepared_scan

    engine = engine_of(place, options, progress)
    prepared = prepared_scan(protocol, options, place, engine)
    if protocol.outcome.kind == "binary":
        return streamed_study(prepared)
    return streamed_followed_study(prepared)
