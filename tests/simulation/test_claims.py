"""What the page claims, of its own numbers and of studies simulated anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.simulation.measures import Measured
from tests.simulation.results import Results, count, effect_key, lost, measured, read_results
from tests.simulation.running import FULL, Size, run
from tests.simulation.scenarios import PREDICTORS, SCENARIOS
from tests.simulation.tables import FIRTH, ML

# Studies that the page does not rest on, enough to tell a bias of 0.1 with 37 events.
AGAIN = Size(complete=250, incomplete=60, by_chance=20, combined=20, predicted=25, first=1_000_000)
NAMES = [each.name for each in PREDICTORS]
BIG, SMALL = ("logistic-37", "cox-37"), ("logistic-14", "cox-14")
BOTH = BIG + SMALL
ENOUGH = 40  # estimates whose standard deviation has an error that can be told
ERRORS = 4.0  # Monte Carlo standard errors; some 2000 numbers are compared


@pytest.fixture(scope="module")
def printed() -> Results:
    """The numbers of the page."""
    return read_results()


@pytest.fixture(scope="module")
def again() -> Results:
    """The same from other studies, fewer of them."""
    found = run(AGAIN, SCENARIOS, lambda _: None)
    return Results(found["effects"], found["predictions"])


def test_the_page_rests_on_the_full_run(printed: Results) -> None:
    for row in printed.effects:
        expected = (
            FULL.complete
            if row["data"] == "complete"
            else FULL.combined
            if row["intervals"] == "combined profiles"
            else FULL.incomplete
            if row["missing"] == "by outcome and age"
            else FULL.by_chance
        )
        assert count(row, "samples") == expected


def answers(results: Results, errors: float) -> None:
    """Firth's method has one where columns vary; maximum likelihood often not at 14 events."""
    for scenario in BOTH:
        assert lost(results.effect(scenario, "age", FIRTH, "profile")) < 1.0
    for kind in ("logistic", "cox"):
        few, many = (
            lost(results.effect(f"{kind}-{events}", "age", ML, "wald")) for events in (14, 37)
        )
        assert few > many + 5.0


def coverage(results: Results, errors: float) -> None:
    """Firth's profile intervals hold 95 %; so do those of maximum likelihood that exist."""
    for scenario in BOTH:
        for name in NAMES:
            for method in (FIRTH, ML):
                row = results.effect(scenario, name, method, "profile")
                error = np.sqrt(0.05 * 0.95 / count(row, "estimates"))
                # at 14 events a profile is not exactly that of a chi-square: 1.5 % are allowed
                off = abs(measured(row, "coverage").value - 0.95)
                assert off < 0.015 + errors * error, (scenario, name, method)


def firth(results: Results, errors: float) -> None:
    """In logistic regression Firth's method exaggerates the strong effects less."""
    for scenario in ("logistic-37", "logistic-14"):
        for name in ("oedema", "t_score"):
            plain, mended = (
                measured(results.effect(scenario, name, method, "wald"), "bias")
                for method in (ML, FIRTH)
            )
            outwards = 1.0 if name == "oedema" else -1.0
            assert outwards * (plain.value - mended.value) > 0.0
            assert abs(mended.value) < 0.05 + errors * mended.error


def rare_in_cox(results: Results, errors: float) -> None:
    """In Cox regression Firth's method overrates the rare factor, and mends the common one."""
    room = errors - 2.5
    for scenario in ("cox-37", "cox-14"):
        rare = measured(results.effect(scenario, "steroids", FIRTH, "wald"), "bias")
        assert rare.value + room * rare.error > 0.02
        plain, mended = (
            measured(results.effect(scenario, "oedema", method, "wald"), "bias").value
            for method in (ML, FIRTH)
        )
        assert mended < plain


def missing(results: Results, errors: float) -> None:
    """Complete cases overrate age, whichever the estimator; imputation does not."""
    for scenario in BOTH:
        for method, limits in ((ML, "wald"), (FIRTH, "profile")):
            kept = results.effect(scenario, "age", method, limits, "complete cases")
            full = results.effect(scenario, "age", method, limits, "before deletion")
            filled = results.effect(scenario, "age", method, "rubin", "imputed")
            assert measured(kept, "bias").value > 0.25
            assert measured(kept, "coverage").value < 0.90
            before, after = measured(full, "bias"), measured(filled, "bias")
            assert abs(after.value - before.value) < 0.06 + errors * 0.5 * after.error
            error = np.sqrt(0.05 * 0.95 / count(filled, "estimates"))
            assert measured(filled, "coverage").value > 0.935 - errors * error


def blind(results: Results, errors: float) -> None:
    """Imputed without the outcome, the T-score's effect is drawn towards none."""
    for scenario in BOTH:
        blinded = results.effect(scenario, "t_score", ML, "rubin", "imputed without the outcome")
        informed = results.effect(scenario, "t_score", ML, "rubin", "imputed")
        assert measured(blinded, "bias").value > measured(informed, "bias").value + 0.05


def by_chance(results: Results, errors: float) -> None:
    """Then complete cases cost width, and no bias that imputation would lack."""
    for scenario in BOTH:
        kept, filled = (
            results.effect(scenario, "age", FIRTH, limits, data, "by chance")
            for data, limits in (("complete cases", "profile"), ("imputed", "rubin"))
        )
        assert measured(kept, "width").value > measured(filled, "width").value
        bias = measured(kept, "bias")
        assert abs(bias.value) < 0.05 + errors * bias.error


def mean_risk(results: Results, errors: float) -> None:
    """Firth's is too high as it comes; FLIC and FLAC make it that of the patients."""
    for scenario, least in (("logistic-37", 0.004), ("logistic-14", 0.009)):
        raw = results.prediction(scenario, "Firth, intercept as it comes")
        assert measured(raw, "excess").value > least
        for model in ("Firth with FLIC", "Firth with FLAC", ML):
            assert abs(measured(results.prediction(scenario, model), "excess").value) < 1e-9


def slopes(results: Results, errors: float) -> None:
    """Risks are too extreme, the more so the fewer events; shrinkage mends the median study."""
    for kind, other in (("logistic", "Firth with FLIC"), ("cox", "Firth")):
        plain = {
            events: measured(results.prediction(f"{kind}-{events}", ML), "slope")
            for events in (37, 14)
        }
        assert plain[14].value < plain[37].value < 1.0
        for events, own in plain.items():
            firths = measured(results.prediction(f"{kind}-{events}", other), "slope").value
            assert abs(firths - own.value) < 0.15
            row = results.prediction(f"{kind}-{events}", "shrunken by the heuristic factor")
            shrunken = measured(row, "slope")
            assert shrunken.value > own.value
            assert abs(shrunken.value - 1.0) < 0.2 + errors * shrunken.error


CLAIMS: tuple[Callable[[Results, float], None], ...] = (
    answers, coverage, firth, rare_in_cox, missing, blind, by_chance, mean_risk, slopes,
)  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: str(claim.__name__))
def test_the_page_claims_what_its_numbers_say(
    claim: Callable[[Results, float], None], printed: Results
) -> None:
    claim(printed, 2.5)


@pytest.mark.slow
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: str(claim.__name__))
def test_the_claims_hold_in_other_studies(
    claim: Callable[[Results, float], None], again: Results
) -> None:
    claim(again, ERRORS)


@pytest.mark.slow
def test_other_studies_give_the_numbers_of_the_page(printed: Results, again: Results) -> None:
    anew = {effect_key(row): row for row in again.effects}
    for row in printed.effects:
        other = anew[effect_key(row)]
        if count(other, "estimates") < ENOUGH:
            continue
        for name in ("bias", "empirical_se", "model_se"):
            assert alike(measured(row, name), measured(other, name)), (effect_key(row), name)
        shares = [measured(each, "coverage").value for each in (row, other)]
        sizes = [count(each, "estimates") for each in (row, other)]
        share = min(float(np.average(shares, weights=sizes)), 0.95)  # few are hardly normal
        spread = np.sqrt(share * (1.0 - share) * (1.0 / sizes[0] + 1.0 / sizes[1]))
        assert abs(shares[0] - shares[1]) < ERRORS * spread, effect_key(row)
    for row in printed.predictions:
        own = again.prediction(str(row["scenario"]), str(row["method"]))
        for name in ("excess", "c_index"):
            assert alike(measured(row, name), measured(own, name)), (row, name)


def alike(printed: Measured, other: Measured) -> bool:
    """Whether two numbers differ by no more than chance lets them."""
    if np.isnan(printed.value) or np.isnan(other.value):
        return True
    apart = ERRORS * float(np.hypot(printed.error, other.error))
    return abs(printed.value - other.value) <= apart + 1e-9
