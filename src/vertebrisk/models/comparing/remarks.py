"""What a careful reader would want to know of models compared on one cohort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from vertebrisk._checks import listed
from vertebrisk.findings import Finding
from vertebrisk.models.comparing.results import SharedRows
from vertebrisk.models.external.remarks import FEW_EVENTS, MANY
from vertebrisk.models.portable.differing import OF_THE_OUTCOME, Difference
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.text.messages import joined, say
from vertebrisk.text.plurals import agreeing, counted

# Of the patients, not of a model: said once.
OF_PATIENTS = ("few-events", "few-patients-calibration")
# Of the whole table, rows without a risk among them.
OF_TABLES = ("unknown-level", "other-unit")
_KINDS = {"outcome": say("outcome"), "event": say("event"), "time": say("time")}


def of_rows(rows: SharedRows) -> Iterator[Finding]:
    """Rows that fall away since one model cannot score them."""
    known = rows.rows - rows.outcome_missing
    if rows.outcome_missing:
        yield Finding(
            "outcome-missing",
            "warning" if rows.outcome_missing > MANY * rows.rows else "note",
            say(
                "{outcome_missing} of {rows} have no known outcome and are left out.",
                outcome_missing=rows.outcome_missing,
                rows=counted(rows.rows, "row"),
            ),
            say("Say who they are."),
            say("If they differ from the others, so does the answer."),
        )
    if rows.left_out:
        lost = listed([f"{name} {count}" for name, count in rows.not_scored.items() if count])
        yield Finding(
            "not-scored-by-all",
            "warning" if rows.left_out > MANY * known else "note",
            say(
                "{left_out} of {rows} have no risk by one model or more ({lost}) and are "
                "left out of all.",
                left_out=rows.left_out,
                rows=counted(known, "row"),
                lost=lost,
            ),
            say(
                "Say who they are; a model that needs inputs which these patients lack "
                "should not decide on whom the others are measured."
            ),
            say("Models are compared on the same patients, or the patients are what differs."),
        )


def of_models(
    models: Mapping[str, RiskModel], differing: Sequence[Difference]
) -> Iterator[Finding]:
    """Models of other outcomes, and models of the same patients."""
    of_outcome = [each for each in differing if each.kind in OF_THE_OUTCOME]
    if of_outcome:
        told = []
        for each in of_outcome:
            values = [
                say("{name}: {value}", name=name, value=value or say("not told"))
                for name, value in zip(models, each.values, strict=True)
            ]
            kind = _KINDS[each.kind]
            told.append(say("{kind} ({values})", kind=kind, values=joined(values, "; ")))
        yield Finding(
            "models-of-other-outcomes",
            "warning",
            say("The models do not predict the same: they differ in {told}.", told=listed(told)),
            say(
                "Judge each by how it does on the outcome asked here, and update the one "
                "that is used."
            ),
            say(
                "A model made for another outcome, threshold or time point has risks of "
                "another size."
            ),
        )
    for first, second in combinations(models, 2):
        one, other = (models[name].provenance.data_sha256 for name in (first, second))
        if one and one == other:
            yield Finding(
                "models-of-the-same-patients",
                "note",
                say(
                    "'{first}' and '{second}' were made from the same patients.",
                    first=first,
                    second=second,
                ),
                say("Their agreement says less than that of models from two hospitals."),
            )


def of_file(models: Mapping[str, RiskModel], sha256: str, rows: SharedRows) -> Iterator[Finding]:
    """Models that were made from the patients on whom they are compared."""
    for name, model in models.items():
        population = model.population
        same = bool(sha256) and model.provenance.data_sha256 == sha256
        alike = (population.n, population.n_events) == (rows.n, rows.n_events)
        if same or alike:
            how = (
                say("was made from this very file")
                if same
                else say(
                    "was made from {n} patients with {n_events} events, as many as are here",
                    n=population.n,
                    n_events=population.n_events,
                )
            )
            yield Finding(
                "development-patients",
                "warning",
                say(
                    "'{name}' {how}: on its own patients a model does better than on others.",
                    name=name,
                    how=how,
                ),
                say("Compare models on patients that none of them has seen."),
                say("Its lead over the others would be the optimism of its development."),
            )


def of_numbers(rows: SharedRows, number: int) -> Iterator[Finding]:
    """How far such a comparison can be trusted."""
    fewer = min(rows.n_events, rows.n - rows.n_events)
    if fewer < FEW_EVENTS:
        yield Finding(
            "no-proof-of-equality",
            "warning",
            say(
                "{patients} of {n} {have} the event: a difference that is not found is no "
                "proof that the models do alike.",
                patients=counted(rows.n_events, "patient"),
                n=rows.n,
                have=agreeing(rows.n_events, "has", "have"),
            ),
            say("Read the interval of each difference: all that lies inside could be."),
        )
    if number > 2:
        pairs = number * (number - 1) // 2
        yield Finding(
            "several-pairs",
            "note",
            say(
                "{number} models make {pairs} pairs, whose P values are not adjusted for "
                "their number.",
                number=number,
                pairs=pairs,
            ),
            say("Read the joint test first."),
        )


def of_each(name: str, findings: Sequence[Finding]) -> Iterator[Finding]:
    """What was said of one model's validation, under its name."""
    for finding in findings:
        if finding.code not in OF_PATIENTS:
            yield replace(
                finding, message=say("{name}: {message}", name=name, message=finding.message)
            )


def of_patients(findings: Sequence[Finding]) -> Iterator[Finding]:
    """What was said of the patients, whichever model is asked."""
    yield from (finding for finding in findings if finding.code in OF_PATIENTS)
