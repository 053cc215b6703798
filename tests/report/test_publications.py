"""Papers cited by number: each once, in the order in which they are first cited."""

from __future__ import annotations

import re

from vertebrisk.report.citing import numbered
from vertebrisk.report.publications import PUBLICATIONS
from vertebrisk.report.sentences import SENTENCES


def test_papers_are_numbered_as_they_are_first_cited() -> None:
    told, papers = numbered(["One [@wilson1927].", "Two [@cox1972,wilson1927]，三[@cox1972]。"])
    assert told == ["One [1].", "Two [2, 1]，三[2]。"]
    assert papers == (PUBLICATIONS["wilson1927"], PUBLICATIONS["cox1972"])


def test_a_label_that_looks_like_a_mark_stays_as_it_is() -> None:
    assert numbered(["Grade [@strange] of [1]"]) == (["Grade [@strange] of [1]"], ())


def test_every_sentence_cites_known_papers_and_every_paper_is_cited() -> None:
    cited = {
        key
        for texts in SENTENCES.values()
        for text in texts
        for keys in re.findall(r"\[@([^\]]+)\]", text)
        for key in keys.split(",")
    }
    assert cited == set(PUBLICATIONS)


def test_both_languages_cite_the_same_papers() -> None:
    for key, (english, chinese) in SENTENCES.items():
        found = [set(re.findall(r"\[@([^\]]+)\]", text)) for text in (english, chinese)]
        assert found[0] == found[1], key


def test_a_paper_has_an_address_that_a_page_may_hold() -> None:
    for paper in PUBLICATIONS.values():
        assert paper.address.startswith("https://doi.org/10.")
        assert not re.search(r"[<>\s]", paper.address)
        assert paper.printed.endswith(paper.doi)
