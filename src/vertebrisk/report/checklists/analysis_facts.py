"""What a run says to items on the analysis: size, missing values, model, validation, output."""

from __future__ import annotations

from vertebrisk.design.factors import Factor
from vertebrisk.report.checklists.content import Filled, Place
from vertebrisk.report.checklists.known import Known, figure, section, table
from vertebrisk.report.tables.instability import criterion_name
from vertebrisk.text.phrases import in_sentence
from vertebrisk.validation.summary import BOOTSTRAPS

_SHAPED = ("rcs", "powers", "fp")


def sample_size(known: Known) -> Filled:
    """Events for each candidate parameter, and what the criteria ask for."""
    words, size = known.words, known.result.size
    counts = words(
        "fill.size",
        n=known.flow.n,
        events=known.flow.n_events,
        parameters=known.parameters,
        each=words.numbers.estimate(known.events_each, 1),
        of=known.rarer_word,
    )
    if size is None:
        criteria = words("fill.size_sampled") if known.sampled else words("fill.size_none")
    else:
        unmet = [criterion_name(each, words) for each in size.expected.criteria if not each.met]
        criteria = words(
            "fill.size_met" if size.expected.enough else "fill.size_unmet",
            needed=size.expected.n,
            unmet="; ".join(unmet),
        )
    places = (section("size"), table("size")) if size is not None else ()
    return known.filled("partly", [counts, criteria, words("fill.size_authors")], *places)


def missing(known: Known) -> Filled:
    """What was missing and what was done about it, with counts."""
    words, imputed, flow = known.words, known.result.imputed, known.flow
    without_outcome = known.removed("outcome-missing")
    parts = [words("fill.missing_outcome", n=without_outcome)] if without_outcome else []
    places: tuple[Place, ...] = (section("participants"), figure("flow"))
    left = known.removed("predictor-missing")
    if imputed is not None:
        parts.append(
            words(
                "fill.missing_imputed",
                k=imputed.n_incomplete,
                n=flow.n,
                events=imputed.n_incomplete_events,
                tables=imputed.imputations,
                rounds=imputed.iterations,
            )
        )
        places = (section("imputation"), table("missing_patterns"), table("missingness"))
    elif left:
        parts.append(words("fill.missing_complete", k=left, n=flow.n + left, analysed=flow.n))
    else:
        parts.append(words("fill.missing_none", n=flow.n))
    return known.filled("reported", parts, *places)


def use_of_data(known: Known) -> Filled:
    """Whether anything was held back, and what for."""
    words, result = known.words, known.result
    parts = [words("fill.all_used", n=known.flow.n), validated(known)]
    places = [section("validation")]
    if result.centres is not None:
        parts.append(words("fill.used_centres", n=result.centres.table.height))
        places.append(section("centres"))
    if result.split is not None:
        split = result.split
        parts.append(words("fill.used_split", earlier=split.earlier.n, later=split.later.n))
        places.append(section("split"))
    return known.filled("reported", parts, *places)


def validated(known: Known) -> str:
    """The method of the validation, how often, and what it repeats."""
    words, validation = known.words, known.result.validation
    drawn = "drawn" if validation.method in BOOTSTRAPS else "left_out"
    return words(
        f"fill.validated_{drawn}",
        scheme=words.scheme,
        resamples=validation.resamples,
        repeated=known.repeated,
    )


def handling(known: Known) -> Filled:
    """How numbers and categories enter."""
    words = known.words
    factors = [factor for term in known.result.candidates.terms for factor in term.factors]
    own = list(dict.fromkeys(factors))
    parts = []
    straight = [each.variable for each in own if each.kind == "plain"]
    if straight:
        parts.append(words("fill.straight", names=known.labels(straight)))
    shaped = [_shape(known, each) for each in own if each.kind not in ("plain", "categorical")]
    if shaped:
        parts.append(words("fill.shaped", shapes=words.listed(shaped)))
    leveled = [each.variable for each in own if each.kind == "categorical"]
    if leveled:
        parts.append(words("fill.leveled", names=known.labels(leveled)))
    if known.crossed:
        parts.append(words("fill.crossed", names=known.listed(known.crossed)))
    if known.found("dichotomised-predictor"):
        parts.append(words("fill.cut"))
    return known.filled("reported", parts, section("statistical_methods"), table("shapes"))


def _shape(known: Known, factor: Factor) -> str:
    key = factor.kind if factor.kind in _SHAPED else "transformed"
    return known.words(
        f"fill.shape_{key}",
        label=known.label(factor.variable),
        knots=len(factor.knots),
        powers=", ".join(known.words.numbers.shortest(each) for each in factor.powers),
        name=factor.name,
    )


def model(known: Known) -> Filled:
    """Kind of model, estimator, selection, tuning and validation."""
    words, facts, result = known.words, known.facts, known.result
    estimator = facts.estimator.partition(" ")[0]
    parts = [
        words(
            "fill.model",
            kind=words(f"fill.kind_{facts.model}"),
            estimator=words(f"fill.estimator_{estimator}"),
        )
    ]
    if result.penalised is None:
        parts.append(known.selection)
    else:
        parts.append(words("fill.tuned_given" if result.penalised.given else "fill.tuned"))
    if result.shrinkage is not None:
        factor = words.numbers.estimate(result.shrinkage.factor, 3)
        parts.append(words("fill.shrunken", factor=factor))
    if known.protocol.analysis.strata:
        parts.append(words("fill.strata", names=known.labels(known.protocol.analysis.strata)))
    parts += [validated(known), words("fill.why_model")]
    places = (section("statistical_methods"), section("multivariable"), section("validation"))
    return known.filled("partly", parts, *places)


def clusters(known: Known) -> Filled:
    """Centres, and vertebrae of one patient."""
    words, result = known.words, known.result
    parts, places = [], []
    if result.centres is not None:
        parts.append(words("fill.centres_apart", n=result.centres.table.height))
        places += [section("centres"), table("centres")]
    if known.facts.unit == "vertebra":
        parts.append(words("fill.vertebrae", n=known.flow.n, patients=known.flow.n_patients))
        places.append(section("statistical_methods"))
    if result.matched is not None:
        parts.append(words("fill.sets", n=result.matched.n_sets))
        places.append(section("matching"))
    if not parts:
        return known.say("none", "no_clusters")
    return known.filled("reported", parts, *places)


def measures(known: Known) -> Filled:
    """What performance was measured by."""
    places = (section("discrimination"), section("calibration"), section("decision"))
    if known.result.matched is not None:
        return known.say("partly", "measures_matched", section("discrimination"))
    horizons = known.result.survival
    if horizons is None:
        return known.say("partly", "measures", *places)
    if any(each.calibration is not None for each in horizons.horizons):
        return known.say("partly", "measures_timed", *places)
    return known.say("partly", "measures_entered", section("discrimination"))


def no_updating(known: Known) -> Filled:
    """A development updates nothing."""
    return known.say("none", "no_updating")


def predictions(known: Known) -> Filled:
    """How those left out were scored."""
    if known.result.centres is None and known.result.split is None:
        return known.say("none", "no_evaluation")
    places = [section(key) for key in ("centres", "split") if getattr(known.result, key)]
    return known.say("reported", "predictions", *places)


def balance(known: Known) -> Filled:
    """No method against class imbalance is ever used."""
    return known.say("none", "no_balance_sampled" if known.sampled else "no_balance")


def output(known: Known) -> Filled:
    """Risks or odds ratios, and thresholds."""
    facts, words = known.facts, known.words
    if known.result.matched is not None:
        return known.say("reported", "output_matched", section("matching"), section("no_risk"))
    cuts = [words.numbers.risk(each) for each in facts.thresholds]
    thresholds = words("fill.thresholds", cuts=words.listed(cuts)) if cuts else ""
    return known.say(
        "partly" if cuts else "reported",
        "output",
        section("decision"),
        table("thresholds"),
        outcome=in_sentence(facts.outcome_label),
        time_point=facts.time_point,
        thresholds=thresholds or words("fill.no_thresholds"),
    )


def differences(known: Known) -> Filled:
    """How those scored differ from those the model was made of."""
    split, centres = known.result.split, known.result.centres
    if split is None:
        if centres is None:
            return known.say("none", "same_patients")
        return known.say("partly", "differ_centres", table("centres"), n=centres.table.height)
    numbers = known.words.numbers
    return known.say(
        "partly",
        "differ_split",
        section("split"),
        table("split"),
        earlier=split.earlier.n,
        earlier_events=split.earlier.n_events,
        later=split.later.n,
        later_events=split.later.n_events,
        earlier_spread=numbers.estimate(split.earlier.linear_predictor_sd, 2),
        later_spread=numbers.estimate(split.later.linear_predictor_sd, 2),
    )
