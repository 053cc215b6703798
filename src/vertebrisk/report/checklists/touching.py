"""Which items of the checklists a finding touches.

One table, used both ways: under a finding stand the items that it touches, in a checklist the
findings that touch an item. Every code that a run can make stands here, those that touch none
among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from vertebrisk.evidence.appraisal.questions_ai import DEVELOPMENT, EVALUATION

ListKey = Literal["tripod", "probast", "strobe"]
NAMES: dict[ListKey, str] = {"tripod": "TRIPOD+AI", "probast": "PROBAST", "strobe": "STROBE"}


@dataclass(frozen=True, slots=True)
class Touched:
    """Numbers of the items of each list, apart by spaces, and the codes that touch them."""

    tripod: str
    probast: str
    strobe: str
    codes: str

    def numbers(self, key: ListKey) -> tuple[str, ...]:
        """Items of one list."""
        return tuple(getattr(self, key).split())


TOUCHED = (
    # reading of the file
    Touched(
        "7", "", "8",
        "absurd-value ambiguous-date beyond-plausible codes-without-label column-not-in-file "
        "column-not-kept date-forms decimal-comma decimal-point derived-not-finite "
        "derived-replaces-column digits-as-text duplicate-patients duplicate-rows empty-column "
        "empty-level empty-row encoding-guess excel-error extreme-unit formula-without-value "
        "full-width-digits inconsistent-row labelled-file levels-not-stated merged-cells "
        "mixed-column patient-missing ragged-row repeated-label score-beyond-scale "
        "separator-guess times-made-equal unknown-level unreadable-cell unsupported-type",
    ),
    Touched("7 11", "4.4", "8 12c",
            "declared-missing missing-marker suspected-missing-code"),
    # who was studied
    Touched("5a 12c 22 26", "1.1 4.6", "6a 12a 19", "case-control-risk prevalence-differs"),
    Touched("5a 12c 22", "1.1 4.6", "6a 12a",
            "prevalence-corrected prevalence-taken-as-known"),
    Touched("5a 6b 26", "1.1", "6a 19", "cases-not-sampled controls-drawn sampling-not-known"),
    Touched("5a 12c 22 26", "1.1 4.6", "6b 12d 19", "matched-controls no-risk-in-matched-sets"),
    Touched("12d 21 26", "4.1 4.6", "6b 12d",
            "dominant-set few-discordant-sets matched-differs same-in-sets set-not-named "
            "sets-share-patients several-cases-in-set"),
    Touched("11 20a 21", "4.3 4.4", "12c 12d 13b", "sets-broken-by-missing sets-without-contrast"),
    # outcome and time
    Touched("8a", "3.2 3.3", "7", "outcome-no-candidate undescribed-outcome-column"),
    Touched("8a 12c", "3.6 4.6", "7 12a", "events-at-one-time time-not-finite time-zero"),
    Touched("8a 12c 26", "4.6", "12a 19", "cause-specific-risk no-competing-event"),
    Touched("8a 20a 23a", "4.1", "14c 15", "few-at-horizon no-event-by-horizon"),
    # predictors
    Touched("9a 12b 21", "4.1", "7 11",
            "candidate-left-out collinear-candidates collinear-predictor constant-predictor "
            "few-events-in-class lonely-level more-parameters-than-rows sparse-levels "
            "stratum-without-event silent-strata"),
    Touched("12b 26", "4.2", "11 16b 19", "dichotomised-predictor"),
    Touched("12b", "4.2", "11", "extreme-values shifted-values"),
    Touched("12b 12c", "4.2 4.8", "11", "powers-chosen powers-unsettled"),
    # missing values
    Touched("11 20b", "4.4", "12c 14b", "missing-values all-missing nothing-to-impute"),
    Touched("11 26", "4.3 4.4", "12c 13b 19", "complete-case-loss"),
    Touched("11 26", "4.4", "12c 19",
            "few-imputations many-incomplete missing-by-outcome missing-in-one-group "
            "mostly-missing never-known-together no-auxiliary"),
    Touched("11", "4.4", "12e", "no-complete-case-model"),
    # size, selection, fit
    Touched("10 26", "4.1 4.8", "10 19", "few-events sample-size"),
    Touched("9a 12c 26", "4.5 4.8", "12a 19", "univariable-screening"),
    Touched("12c 26", "4.8", "12a 19",
            "data-driven-selection post-selection refit-after-lasso"),
    Touched("12c", "4.8", "12a",
            "levels-merged-by-penalty penalty-at-an-end shrunken-coefficients stability-selection "
            "unstable-penalty"),
    Touched("22 23a 26", "4.1 4.8", "16a 19", "separation nothing-selected"),
    Touched("12b 22", "", "12a 16a", "collinearity"),
    Touched("12c 26", "4.6", "12a 19", "changing-hazard-ratio"),
    Touched("12c", "4.6", "12a", "beside-not-fitted heavy-ties"),
    Touched("12d", "4.6", "12a", "clustered-tests rows-of-one-patient"),
    # performance
    Touched("23a 26", "4.8", "19", "optimism overfitting"),
    Touched("21 23a", "4.8", "", "failed-resamples level-lost-in-resamples separated-resamples"),
    Touched("10 12e 23a", "4.7", "", "calibration-curve-unreliable"),
    Touched("12e", "4.7", "", "hosmer-lemeshow"),
    Touched("12a 12e 23a", "4.7 4.8", "", "read-in-pieces"),
    Touched("12d 23b", "4.1", "17",
            "centre-not-usable centre-without-events centres-not-validated "
            "column-without-information few-centres few-events-in-centre hartung-knapp-narrows"),
    Touched("12a 16", "4.8", "17", "few-events-earlier one-split split-not-validated "
            "split-wastes-data"),
    # scores over visits, readers
    Touched("", "", "8 9", "agreement-not-computed icc-undefined kappa-undefined "
            "levels-not-shared readings-missing"),
    Touched("", "", "12d 14c 17",
            "few-patients-followed followup-empty followup-no-groups followup-no-patient "
            "followup-other-patients followup-other-visits followup-where-unknown "
            "followup-without-scores group-missing no-repeated-anova sphericity-doubted "
            "visit-without-scores visits-missing"),
    Touched("20b", "", "14a", "not-compared"),
    Touched("22 27b", "", "", "no-calculator"),
    # the file's form and the figures' fonts are nobody's item
    Touched("", "", "", "cannot-run file-extension header-numbers header-spaces missing-font "
            "narrow-figure old-excel other-sheets tall-figure"),
)  # fmt: skip

_OF_CODE: dict[str, Touched] = {code: each for each in TOUCHED for code in each.codes.split()}


def touched_by(code: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Lists that a finding touches, by name, with the numbers of the items."""
    touched = _OF_CODE.get(code)
    if touched is None:
        return
    for key, name in NAMES.items():
        numbers = touched.numbers(key)
        if numbers:
            yield name, numbers


def findings_at(key: str, number: str, codes: Iterable[str]) -> tuple[str, ...]:
    """Codes among those of a run that touch one item of a list, in alphabetical order.

    A question of PROBAST+AI is touched by what touches those of PROBAST that ask about the same;
    the list for abstracts by nothing.
    """
    of_2019 = _OF_2019.get(key)
    asked: ListKey | None = "probast" if of_2019 is not None else _LIST.get(key)
    if asked is None:
        return ()
    numbers = {number} if of_2019 is None else set(of_2019[number])
    touched = ((code, _OF_CODE.get(code)) for code in codes)
    return tuple(
        sorted(code for code, each in touched if each and numbers & set(each.numbers(asked)))
    )


_LIST: dict[str, ListKey] = {str(key): key for key in NAMES}
_OF_2019: dict[str, dict[str, tuple[str, ...]]] = {
    key: {each.number: each.of_2019 for each in questions}
    for key, questions in (("probast_development", DEVELOPMENT), ("probast_evaluation", EVALUATION))
}
