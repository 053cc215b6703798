"""One number of an honest paper made wrong, in the ways in which numbers go wrong."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
from tests.honest_papers.papers import Paper

from vertebrisk._types import Json
from vertebrisk.evidence.printed import Printed

_ROW_FIELDS = (
    "estimate", "std_error", "z", "wald", "p_value", "ratio", "conf_low", "conf_high",
    "estimate_low", "estimate_high",
)  # fmt: skip
_LISTS = ("mean", "sd", "median", "lower_quartile", "upper_quartile")


@dataclass(frozen=True, slots=True)
class Cell:
    """One printed number: the container that holds it, its key, and what it is."""

    holder: Any
    key: Any
    name: str

    @property
    def text(self) -> str:
        """As printed."""
        return str(self.holder[self.key])


@dataclass(frozen=True, slots=True)
class Damaged:
    """A paper with one number made wrong: of which kind, which number, from what to what."""

    paper: Paper
    kind: str
    cell: str
    change: str


def damage(paper: Paper, kind: str, rng: np.random.Generator) -> Damaged | None:
    """The paper with one damage of a kind; None where it has no number for it."""
    document = copy.deepcopy(paper.document)
    done = KINDS[kind](document, rng)
    if done is None:
        return None
    return Damaged(Paper(document, paper.pasted), kind, *done)


def damaged_at_random(paper: Paper, rng: np.random.Generator) -> Damaged:
    """The paper with one damage of a kind drawn among those that it has a number for."""
    for kind in rng.permutation(list(KINDS)):
        done = damage(paper, str(kind), rng)
        if done is not None:
            return done
    raise AssertionError("a paper has digits")


# ---------------------------------------------------------------- the numbers of a paper


def cells_of(document: Json) -> list[Cell]:
    """Every printed number."""
    return [*_compared_cells(document), *_model_cells(document), *_text_cells(document)]


def _compared_cells(document: Json) -> Iterator[Cell]:
    for table in document["comparisons"]:
        for group in table["groups"]:
            yield Cell(group, "n", "group size")
        for row in table["rows"]:
            for level in row.get("levels", {}).values():
                yield from _listed(level["count"], "count")
                yield from _listed(level["percent"], "percent")
            for name in _LISTS:
                yield from _listed(row.get(name, []), name.replace("_", " "))
            for name in ("statistic", "p_value"):
                if name in row:
                    yield Cell(row, name, f"{name.replace('_value', '')} of a comparison")


def _listed(cells: list[str | None], name: str) -> Iterator[Cell]:
    for place, cell in enumerate(cells):
        if cell is not None:
            yield Cell(cells, place, name)


def _model_cells(document: Json) -> Iterator[Cell]:
    for model in document["model"]:
        for row in model["coefficient"]:
            for name in _ROW_FIELDS:
                if name in row:
                    yield Cell(row, name, name.replace("_", " "))


def _text_cells(document: Json) -> Iterator[Cell]:
    for number in document["statistic"]:
        yield Cell(number, "value", f"{number['name'].replace('_', ' ')} in the text")
    for points in document.get("nomogram", []):
        yield Cell(points, "points", "points of a nomogram")


# ---------------------------------------------------------------- the kinds

Done = tuple[str, str]


def _changed(cell: Cell, text: str) -> Done | None:
    """Print `text` in a cell; None where nothing would change."""
    before = cell.text
    if Printed.parse(text).number == Printed.parse(before).number:
        return None
    cell.holder[cell.key] = text
    return cell.name, f"{before} -> {text}"


def _first(document: Json, rng: np.random.Generator, cells: list[Cell],
           change: Callable[[Cell], str | None]) -> Done | None:  # fmt: skip
    """Change one cell, drawn among those that can be."""
    for place in rng.permutation(len(cells)):
        text = change(cells[place])
        done = None if text is None else _changed(cells[place], text)
        if done is not None:
            return done
    return None


def _named(document: Json, *names: str) -> list[Cell]:
    return [cell for cell in cells_of(document) if cell.name in names]


def _digit_slip(document: Json, rng: np.random.Generator) -> Done | None:
    def slip(cell: Cell) -> str:
        places = [place for place, sign in enumerate(cell.text) if sign.isdigit()]
        at = places[rng.integers(len(places))]
        other = (int(cell.text[at]) + int(rng.integers(1, 10))) % 10
        return f"{cell.text[:at]}{other}{cell.text[at + 1 :]}"

    return _first(document, rng, cells_of(document), slip)


def _transposed(document: Json, rng: np.random.Generator) -> Done | None:
    def swap(cell: Cell) -> str | None:
        text = cell.text
        places = [
            (a, b) for a in range(len(text)) for b in (a + 1, a + 2)
            if b < len(text) and text[a].isdigit() and text[b].isdigit() and text[a] != text[b]
            and (b == a + 1 or text[a + 1] == ".")
        ]  # fmt: skip
        if not places:
            return None
        a, b = places[rng.integers(len(places))]
        signs = list(text)
        signs[a], signs[b] = signs[b], signs[a]
        return "".join(signs)

    return _first(document, rng, cells_of(document), swap)


def _sign(document: Json, rng: np.random.Generator) -> Done | None:
    def flip(cell: Cell) -> str:
        return cell.text[1:] if cell.text.startswith("-") else f"-{cell.text}"

    return _first(document, rng, _named(document, "estimate"), flip)


def _point_moved(document: Json, rng: np.random.Generator) -> Done | None:
    def move(cell: Cell) -> str | None:
        printed = Printed.parse(cell.text)
        if printed.bound or "." not in cell.text:
            return None
        moved = printed.number.scaleb(int(rng.choice([-1, 1])))
        return f"{moved:f}"

    return _first(document, rng, cells_of(document), move)


def _limits_swapped(document: Json, rng: np.random.Generator) -> Done | None:
    rows = [
        row for model in document["model"] for row in model["coefficient"]
        if "conf_low" in row and row["conf_low"] != row["conf_high"]
    ]  # fmt: skip
    if not rows:
        return None
    row = rows[rng.integers(len(rows))]
    row["conf_low"], row["conf_high"] = row["conf_high"], row["conf_low"]
    return "both limits", f"{row['conf_high']}-{row['conf_low']} -> swapped"


def _neighbour(document: Json, rng: np.random.Generator) -> Done | None:
    """A cell of the row above or below, in the same column of a regression table."""
    pairs = []
    for model in document["model"]:
        rows = model["coefficient"]
        for above, below in pairwise(rows):
            for name in _ROW_FIELDS:
                if name in above and name in below:
                    pairs += [(above, below, name), (below, above, name)]
    for place in rng.permutation(len(pairs)):
        source, row, name = pairs[place]
        done = _changed(Cell(row, name, name.replace("_", " ")), source[name])
        if done is not None:
            return done
    return None


def _count(document: Json, rng: np.random.Generator) -> Done | None:
    def shift(cell: Cell) -> str | None:
        by = int(rng.integers(1, 6)) * int(rng.choice([-1, 1]))
        count = int(cell.text) + by
        return str(count) if count >= 0 else None

    return _first(document, rng, _named(document, "count"), shift)


def _wrong_base(document: Json, rng: np.random.Generator) -> Done | None:
    """A percentage of all patients where the others are of the group."""
    cells: list[tuple[Cell, str]] = []
    for table in document["comparisons"]:
        sizes = [int(group["n"]) for group in table["groups"]]
        everyone = sum(
            n for n, group in zip(sizes, table["groups"], strict=True) if not group["total"]
        )
        for row in table["rows"]:
            for level in row.get("levels", {}).values():
                for place, percent in enumerate(level["percent"]):
                    if percent is None or sizes[place] == everyone:
                        continue
                    decimals = Printed.parse(percent).decimals
                    wrong = 100 * int(level["count"][place]) / everyone
                    cell = Cell(level["percent"], place, "percent")
                    cells.append((cell, f"{wrong:.{decimals}f}"))
    for at in rng.permutation(len(cells)):
        done = _changed(*cells[at])
        if done is not None:
            return done
    return None


def _other_p(document: Json, rng: np.random.Generator) -> Done | None:
    cells = _named(document, "p value", "p of a comparison")
    texts = [cell.text for cell in cells]
    return _first(document, rng, cells, lambda cell: str(texts[rng.integers(len(texts))]))


def _auc(document: Json, rng: np.random.Generator) -> Done | None:
    def change(cell: Cell) -> str:
        printed = Printed.parse(cell.text)
        by = Decimal(str(round(float(rng.uniform(0.01, 0.1)) * rng.choice([-1, 1]), 2)))
        value = min(Decimal("0.99"), printed.number + by)
        return f"{value:.{printed.decimals}f}"

    names = ("auc in the text", "c index in the text")
    return _first(document, rng, _named(document, *names), change)


def _ratio_inverted(document: Json, rng: np.random.Generator) -> Done | None:
    """Ratio and interval of the inverse coding beside an unchanged B."""
    rows = [
        row for model in document["model"] for row in model["coefficient"]
        if "estimate" in row and "ratio" in row and row["term"] != "constant"
    ]  # fmt: skip
    for place in rng.permutation(len(rows)):
        row = rows[place]
        names = [name for name in ("ratio", "conf_low", "conf_high") if name in row]
        printed = {name: Printed.parse(row[name]) for name in names}
        if any(each.bound or each.value < 0.05 for each in printed.values()):
            continue
        turned = {
            name: f"{1 / printed[_OPPOSITE[name]].value:.{printed[name].decimals}f}"
            for name in names
        }
        if turned["ratio"] != row["ratio"]:
            before = row["ratio"]
            row |= turned
            return "ratio with its limits", f"{before} -> {turned['ratio']}"
    return None


_OPPOSITE = {"ratio": "ratio", "conf_low": "conf_high", "conf_high": "conf_low"}


def _error_for_sd(document: Json, rng: np.random.Generator) -> Done | None:
    cells: list[tuple[Cell, str]] = []
    for table in document["comparisons"]:
        for row in table["rows"]:
            if row.get("spread") == "se":
                continue
            for place, text in enumerate(row.get("sd", [])):
                printed = Printed.parse(text)
                error = printed.value / math.sqrt(int(table["groups"][place]["n"]))
                cells.append((Cell(row["sd"], place, "sd"), f"{error:.{printed.decimals}f}"))
    for at in rng.permutation(len(cells)):
        done = _changed(*cells[at])
        if done is not None:
            return done
    return None


def _levels_reversed(document: Json, rng: np.random.Generator) -> Done | None:
    """The names of two levels of a comparison exchanged, their cells left."""
    rows = [
        row for table in document["comparisons"] for row in table["rows"]
        if len(row.get("levels", {})) > 1
    ]  # fmt: skip
    for at in rng.permutation(len(rows)):
        levels = rows[at]["levels"]
        names = list(levels)
        if levels[names[0]] != levels[names[-1]]:
            levels[names[0]], levels[names[-1]] = levels[names[-1]], levels[names[0]]
            return "names of levels", f"{names[0]} <-> {names[-1]}"
    return None


def _means_swapped(document: Json, rng: np.random.Generator) -> Done | None:
    """The means of two groups exchanged, their SDs left."""
    rows = [
        row for table in document["comparisons"] for row in table["rows"]
        if len(set(row.get("mean", []))) > 1
    ]  # fmt: skip
    if not rows:
        return None
    row = rows[rng.integers(len(rows))]
    before = list(row["mean"])
    row["mean"][0], row["mean"][1] = before[1], before[0]
    if row["mean"] == before:
        return None
    return "means of two groups", f"{before[0]} <-> {before[1]}"


def _claim_reversed(document: Json, rng: np.random.Generator) -> Done | None:
    claims = [each for each in document["statement"] if each.get("direction") in _REVERSE]
    if not claims:
        return None
    claim = claims[rng.integers(len(claims))]
    before = claim["direction"]
    claim["direction"] = _REVERSE[before]
    claim["text"] = claim["text"].replace(before, claim["direction"])
    return "direction in words", f"{before} -> {claim['direction']}"


_REVERSE = {"higher": "lower", "lower": "higher"}

KINDS: dict[str, Callable[[Json, np.random.Generator], Done | None]] = {
    "one digit mistyped": _digit_slip,
    "two digits transposed": _transposed,
    "sign of B lost or added": _sign,
    "decimal point moved": _point_moved,
    "limits swapped": _limits_swapped,
    "cell of the neighbouring row": _neighbour,
    "count off by 1 to 5": _count,
    "percentage of another denominator": _wrong_base,
    "P of another row": _other_p,
    "AUC changed by 0.01 to 0.1": _auc,
    "ratio of the inverse coding beside B": _ratio_inverted,
    "standard error in place of SD": _error_for_sd,
    "names of two levels exchanged": _levels_reversed,
    "means of two groups exchanged": _means_swapped,
    "claim in words reversed": _claim_reversed,
}
