"""The figures of every kind of study can be laid out, whatever its run found."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.study.test_checklists_run import STUDIES, made

from vertebrisk.report.drawn import whole_figure
from vertebrisk.report.figures.fitting import unreadable
from vertebrisk.study.drawing import study_drawings


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_figures_of_every_kind_of_study_are_laid_out(name: str, tmp_path: Path) -> None:
    drawings = study_drawings(made(name, tmp_path))
    assert drawings
    for key, draw in drawings.items():
        assert unreadable(whole_figure(draw())) == (), key
