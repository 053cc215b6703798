"""The model that a paper means, without being told: repaired by votes and by what is possible."""

from __future__ import annotations

from typing import Any

import pytest
from tests.evidence.audit.papers import ROW, paper, table

from vertebrisk.errors import PaperError
from vertebrisk.evidence.coefficients import read_table_of
from vertebrisk.evidence.consistent import consistent_table
from vertebrisk.evidence.export import published_model
from vertebrisk.evidence.library import library_study
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.protocol.toml_files import frozen


def bare(name: str) -> PublishedStudy:
    """A study of the library without what was recorded beside its coefficients."""
    document = library_study(name).to_dict()
    for model in document["model"]:
        for row in model["coefficient"]:
            row.pop("reading", None)
            row.pop("remarks", None)
    return PublishedStudy.model_validate(frozen(document))


def final(study: PublishedStudy) -> Any:
    model = study.regression("final")
    assert model is not None
    return model


@pytest.mark.parametrize("name", ["li2021", "anonymous2020"])
def test_what_is_recorded_of_a_paper_is_found_without_the_record(name: str) -> None:
    study = library_study(name)
    recorded = read_table_of(study, final(study))
    made = consistent_table(bare(name), final(bare(name)))
    assert made.doubts == ()
    assert [term.levels for term in made.terms] == [term.levels for term in recorded.terms]
    for one, other in zip(made.terms, recorded.terms, strict=True):
        # The vote gives more digits than the print: 1.37746 where 1.377 is recorded.
        assert one.beta == pytest.approx(other.beta, abs=5e-4)
    assert made.constant == (
        None if recorded.constant is None else pytest.approx(recorded.constant, abs=1e-3)
    )
    assert any("only reading" in note or "least departure" in note for _, note in made.notes)


def test_a_model_that_nothing_repairs_is_not_exported() -> None:
    study = bare("anonymous2021")
    made = consistent_table(study, final(study))
    assert len(made.doubts) == 4
    with pytest.raises(PaperError, match="without a recorded reading"):
        published_model(study)


def test_a_number_off_is_exported_as_the_others_say() -> None:
    constant = {"term": "constant", "estimate": "-2.000"}
    study = paper(model=[table(ROW | {"estimate": "1.323"}, constant)])
    made = published_model(study)
    assert made.model.beta[0] == pytest.approx(1.3325, abs=5e-4)
    assert any("1.323 is read as 1.332" in note for note in made.notes)
    as_printed = published_model(study, reading="printed")
    assert as_printed.model.beta[0] == 1.323


def test_two_numbers_that_do_not_say_which_is_off_stay_in_doubt() -> None:
    row = {"term": "cleft", "level": "Yes", "estimate": "1.323", "ratio": "3.790"}
    study = paper(model=[table(row, {"term": "constant", "estimate": "-2.000"})])
    with pytest.raises(PaperError, match="not of one number"):
        published_model(study)
