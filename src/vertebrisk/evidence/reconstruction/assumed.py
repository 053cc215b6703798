"""What a reconstruction assumes where the paper is silent: the ``[assumed]`` table.

Nothing in it is print. Every entry that is used is listed with the result; what neither
the paper nor this table says follows the defaults that the other modules name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from vertebrisk.errors import PaperError
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.protocol.fields import FilledText, Names, Range, Table

Decimals = Annotated[int, Field(ge=0, le=6)]
Test = Literal["student", "welch", "mannwhitney", "anova", "kruskal", "pearson", "yates", "fisher"]


class Distribution(Table):
    """A variable of which the paper prints no numbers; lists are in the order of the groups.

    `share` gives each level's share, the first level takes the rest; `mean` and `sd` are
    for numbers.
    """

    share: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    mean: tuple[Printed, ...] = ()
    sd: tuple[Printed, ...] = ()


class Pair(Table):
    """Two measurements that go together inside each group, by their ranks."""

    variables: Annotated[Names, Field(min_length=2, max_length=2)]
    correlation: Annotated[float, Field(gt=-1.0, lt=1.0)]
    reason: FilledText | None = None


class Decision(Table):
    """The rule by which readings decide the outcome: at least so much, or above it."""

    combine: Literal["mean", "last", "greatest"] = "mean"
    at_least: float | None = None
    above: float | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> Decision:
        if (self.at_least is None) == (self.above is None):
            raise ValueError("give at_least or above, one of the two")
        return self


class Scores(Table):
    """Repeated readings of one score, drawn for each patient.

    `mean` holds a list a group; a patient's readings share a deviation of `shared_sd` and
    have one of `own_sd` each. With `decides`, readings are drawn until they are on the
    side of the patient's outcome. `groups` names who has readings, all by default.
    """

    columns: Names
    low: float = 0.0
    high: float = 10.0
    decimals: Decimals = 0
    mean: tuple[tuple[float, ...], ...]
    shared_sd: Annotated[float, Field(ge=0.0)] = 0.0
    own_sd: Annotated[float, Field(gt=0.0)]
    decides: Decision | None = None
    groups: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_mean_a_column(self) -> Scores:
        if any(len(means) != len(self.columns) for means in self.mean):
            raise ValueError("each list of mean needs one number a column")
        return self


class Times(Table):
    """When events are seen and patients leave, for a study of time to event.

    With `visits`, an event is seen at one of them, with the probabilities in `share`;
    without, event times are exponential within follow-up. Patients without the event are
    followed to `horizon`.
    """

    column: FilledText = "time"
    horizon: Annotated[float, Field(gt=0.0)] | None = None
    visits: tuple[float, ...] = ()
    share: tuple[float, ...] = ()
    decimals: Decimals = 2

    @model_validator(mode="after")
    def _one_share_a_visit(self) -> Times:
        if len(self.visits) != len(self.share):
            raise ValueError("visits and share need the same length")
        if self.visits and (min(self.visits) < 0 or min(self.share) < 0 or sum(self.share) <= 0):
            raise ValueError("visits and shares must not be negative, and some share is needed")
        return self


class Assumed(Table):
    """The whole table; `reasons` are texts that are listed as they stand."""

    reasons: tuple[FilledText, ...] = ()
    model: FilledText | None = None
    limits: dict[str, Range] = Field(default_factory=dict)
    tests: dict[str, Test] = Field(default_factory=dict)
    distribution: dict[str, Distribution] = Field(default_factory=dict)
    scale: dict[str, float] = Field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    scores: tuple[Scores, ...] = ()
    times: Times = Field(default_factory=Times)


def read_assumed(study: PublishedStudy) -> Assumed:
    """The study's ``[assumed]`` table, checked against its variables and groups.

    Raises
    ------
    PaperError
        If the table cannot be understood, or names what the study does not have.
    """
    try:
        assumed = Assumed.model_validate(study.assumed)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        where = ".".join(["assumed", *map(str, detail["loc"])])
        reason = detail["msg"].removeprefix("Value error, ")
        raise PaperError(f"'{where}' of '{study.id}' cannot be used: {reason}.") from None
    problem = next(_problems(study, assumed), None)
    if problem is not None:
        raise PaperError(f"[assumed] of '{study.id}' {problem}")
    return assumed


def _problems(study: PublishedStudy, assumed: Assumed) -> Iterator[str]:
    named = [*assumed.limits, *assumed.tests, *assumed.distribution, *assumed.scale]
    named += [name for pair in assumed.pairs for name in pair.variables]
    for name in named:
        if name not in study.variables:
            yield f"names '{name}', which [variables] does not have."
    n_groups = len(study.groups)
    names = [group.name for group in study.groups]
    for variable, given in assumed.distribution.items():
        lists = [*given.share.values(), *([given.mean] if given.mean else [])]
        lists += [given.sd] if given.sd else []
        if any(len(each) != n_groups for each in lists):
            yield f"gives '{variable}' lists that are not as long as there are groups ({n_groups})."
        levels = study.variables[variable].levels
        strange = [level for level in given.share if level not in levels]
        if strange:
            yield f"gives '{variable}' the level '{strange[0]}', which it does not have."
        if not levels and bool(given.mean) != bool(given.sd):
            yield f"gives '{variable}' a mean or an SD without the other."
    for variable, scale in assumed.scale.items():
        if scale == 0:
            yield f"has a scale of 0 for '{variable}'."
    for scores in assumed.scores:
        if len(scores.mean) != n_groups:
            yield f"gives '{scores.columns[0]}' {len(scores.mean)} means for {n_groups} groups."
        strange = [name for name in scores.groups if name not in names]
        if strange:
            yield f"names the group '{strange[0]}', which [[groups]] does not have."
    if assumed.model is not None and study.regression(assumed.model) is None:
        yield f"names the model '{assumed.model}', which [[model]] does not have."
