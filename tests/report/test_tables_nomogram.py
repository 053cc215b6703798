"""What total points mean, as tables of the report and in results.json."""

from __future__ import annotations

import jsonschema
import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference.loader import frame as reference_frame

import vertebrisk as vr
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.report.document.study import finite, nomogram_document, results_schema
from vertebrisk.report.tables.survival import totals_table
from vertebrisk.report.tables.table import cell_text
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import PLAIN

HORIZONS = (730.0, 365.0)


@pytest.fixture(scope="module")
def cox() -> Nomogram:
    fit = vr.fit_cox(
        "Surv(rfstime, status) ~ age + nodes + grade",
        reference_frame("gbsg"),
        horizons=HORIZONS,
        time_unit="days",
    )
    return fit.model.nomogram()


@pytest.fixture(scope="module")
def fine_gray() -> Nomogram:
    fit = vr.fit_fine_gray(
        "Surv(months, status) ~ age", reference_frame("competing"), event=1, competing=2,
        horizons=[12.0], time_unit="months",
    )  # fmt: skip
    return fit.model.nomogram()


def test_a_column_for_each_horizon_and_one_of_the_median(cox: Nomogram) -> None:
    table = totals_table(cox, "days", Words("en", "cox"))
    assert table is not None
    assert [column.label for column in table.columns] == [
        "Total points", "Risk by 730 days", "Risk by 365 days", "Median time (days)",
    ]  # fmt: skip
    for row, line in zip(table.rows, cox.total.to_dicts(), strict=True):
        shown = [cell.values[0] for cell in row.cells[:3]]
        assert shown == [line["total_points"], line["risk_730"], line["risk_365"]]
        assert line["risk"] == shown[1]


def test_a_median_beyond_follow_up_says_so(cox: Nomogram) -> None:
    table = totals_table(cox, "days", Words("en", "cox"))
    assert table is not None
    assert cox.median is not None
    times = cox.total["median"].to_list()
    shown = [cell_text(row.cells[3], PLAIN) for row in table.rows]
    assert None in times
    beyond = f"> {cox.median.limit:g}"
    assert shown == [beyond if time is None else f"{time:.0f}" for time in times]
    assert f"by {cox.median.limit:g} days" in table.footnotes[0]


def test_a_competing_event_leaves_no_median(fine_gray: Nomogram) -> None:
    table = totals_table(fine_gray, "months", Words("zh", "fine-gray"))
    assert table is not None
    assert [column.label for column in table.columns] == ["总分", "12个月内风险"]
    assert table.footnotes == ()


@pytest.mark.parametrize("name", ["cox", "fine_gray"])
def test_the_document_holds_every_scale(name: str, request: pytest.FixtureRequest) -> None:
    nomogram: Nomogram = request.getfixturevalue(name)
    document = finite(nomogram_document(nomogram))
    schema = results_schema()
    jsonschema.validate(document, {**schema["properties"]["nomogram"], "$defs": schema["$defs"]})
    assert document["horizon"] == nomogram.scales[0].horizon
    totals = np.array([line["total_points"] for line in document["total"]])
    for place, later in enumerate(document["later"], start=1):
        assert later["horizon"] == HORIZONS[place]
        expected = [nomogram.risk(total, place) for total in totals]
        assert_allclose(later["risk"], expected, rtol=1e-12)  # the same numbers by another way
        for tick in later["risk_ticks"]:
            assert nomogram.risk(tick["total_points"], place) == pytest.approx(tick["risk"])
    if nomogram.median is None:
        assert document["median"] is None
        return
    assert document["median"]["time"] == nomogram.total["median"].to_list()
    for tick in document["median"]["time_ticks"]:
        just = tick["total_points"] + 1e-9  # a stretch without events may begin at the mark
        assert nomogram.median_time(just) == pytest.approx(tick["time"])


def test_a_logistic_model_has_one_scale() -> None:
    frame = reference_frame("gbsg").with_columns(event=pl.col("status") == 1)
    document = nomogram_document(vr.fit_logistic("event ~ age + nodes", frame).model.nomogram())
    assert (document["horizon"], document["later"], document["median"]) == (None, [], None)
