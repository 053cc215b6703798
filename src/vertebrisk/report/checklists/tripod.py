"""TRIPOD+AI and its list for abstracts, filled from a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vertebrisk.report.checklists import analysis_facts as analysis
from vertebrisk.report.checklists import result_facts as results
from vertebrisk.report.checklists import study_facts as study
from vertebrisk.report.checklists.assembling import filled_list
from vertebrisk.report.checklists.content import Checklist, Filled
from vertebrisk.report.checklists.known import Known
from vertebrisk.report.checklists.tripod_items import ABSTRACT_ITEMS, ITEMS, SOURCE

Fill = Callable[[Known], Filled]

MAIN: Mapping[str, Fill] = {
    "1": study.title,
    "2": study.abstract,
    "3a": study.open_item,
    "3b": study.intended_use,
    "3c": study.open_item,
    "4": study.objectives,
    "5a": study.sources,
    "5b": study.dates,
    "6a": study.setting,
    "6b": study.eligibility,
    "6c": study.open_item,
    "7": study.preparation,
    "8a": study.outcome,
    "8b": study.open_item,
    "8c": study.open_item,
    "9a": study.candidates,
    "9b": study.definitions,
    "9c": study.readers,
    "10": analysis.sample_size,
    "11": analysis.missing,
    "12a": analysis.use_of_data,
    "12b": analysis.handling,
    "12c": analysis.model,
    "12d": analysis.clusters,
    "12e": analysis.measures,
    "12f": analysis.no_updating,
    "12g": analysis.predictions,
    "13": analysis.balance,
    "14": study.open_item,
    "15": analysis.output,
    "16": analysis.differences,
    "17": study.open_item,
    "18a": study.open_item,
    "18b": study.open_item,
    "18c": results.protocol_file,
    "18d": study.open_item,
    "18e": results.data_sharing,
    "18f": results.code_sharing,
    "19": study.open_item,
    "20a": results.flow,
    "20b": results.characteristics,
    "20c": results.compared_with_development,
    "21": results.analysed,
    "22": results.specification,
    "23a": results.performance,
    "23b": results.across_centres,
    "24": analysis.no_updating,
    "25": study.open_item,
    "26": results.limitations,
    "27a": results.poor_inputs,
    "27b": results.users,
    "27c": results.next_steps,
}
ABSTRACT: Mapping[str, Fill] = {
    "1": study.title,
    "2": study.open_item,
    "3": study.objectives,
    "4": study.sources,
    "5": study.eligibility_and_setting,
    "6": study.outcome,
    "7": analysis.model,
    "8": analysis.measures,
    "9": results.flow,
    "10": results.final_predictors,
    "11": results.performance,
    "12": study.open_item,
    "13": study.open_item,
}


def tripod(known: Known) -> Checklist:
    """The 27 items of TRIPOD+AI with their sub-items."""
    return filled_list("tripod", ITEMS, MAIN, SOURCE, known)


def tripod_abstract(known: Known) -> Checklist:
    """The 13 items of TRIPOD+AI for abstracts."""
    return filled_list("abstract", ABSTRACT_ITEMS, ABSTRACT, SOURCE, known)
