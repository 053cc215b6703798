"""From a protocol and its patients to an analysis that would pass an appraisal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vertebrisk._files import read_bytes
from vertebrisk.cohort import load_cohort
from vertebrisk.protocol import load_protocol
from vertebrisk.study.planning import design, model
from vertebrisk.study.planning.candidates import kept_candidates, rare_levels
from vertebrisk.study.planning.editing import edited
from vertebrisk.study.planning.facts import candidate_facts, share_incomplete
from vertebrisk.study.planning.results import AnalysisPlan


def plan_study(protocol_path: Path, data: Path | None = None) -> AnalysisPlan:
    """Which analysis do these patients allow, before any outcome is looked at?

    The plan sees how many patients have the event, and of each candidate its values, levels
    and missing values in all patients together. It does not see which patients have the
    event: the same number of events among other patients gives the same plan.

    Parameters
    ----------
    protocol_path : Path
        The protocol, a TOML file.
    data : Path, optional
        A file to be used instead of the protocol's own.

    Returns
    -------
    AnalysisPlan
        Its `protocol` is the text of the file with some keys of [analysis], [missing] and
        [validation] changed, each below a comment with the reason.

    Raises
    ------
    ProtocolError
        The protocol cannot be understood.
    DataError
        The protocol or the data file cannot be read, or makes no cohort.

    References
    ----------
    Riley RD et al. 2020, doi:10.1136/bmj.m441 (minimum size).
    Moons KGM et al. 2019, doi:10.7326/M18-1377 (what an appraisal asks).
    """
    protocol = load_protocol(protocol_path, other_data=data is not None)
    cohort = load_cohort(protocol, data)
    kept, about_candidates = kept_candidates(candidate_facts(protocol, cohort), protocol, cohort)
    lost = share_incomplete(kept, cohort)
    complete = model.size_of(kept, protocol, cohort, lost)
    way = model.chosen_way(protocol, complete, lost)
    size = model.size_of(kept, protocol, cohort, 0.0) if way.imputes else complete
    splines, more = model.shapes(kept, size, way, protocol)
    size = replace(size, parameters=size.parameters + more)
    proposals = (
        *model.crowding(kept, size),
        *about_candidates,
        *rare_levels(kept),
        *model.selection(protocol),
        *model.estimation(size, way, protocol),
        *splines,
        *model.missing_values(lost, way, protocol),
        *design.validation(protocol, way),
        *design.sampling(protocol, cohort),
        *design.precision(size, cohort),
        *design.follow_up(cohort),
    )
    text = read_bytes(protocol_path, "The protocol").decode("utf-8-sig")
    changes = [each.change for each in proposals if each.change is not None]
    return AnalysisPlan(size, proposals, edited(text, changes))
