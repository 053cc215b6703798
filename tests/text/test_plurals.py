"""Numbers and the nouns, verbs and articles that agree with them."""

from __future__ import annotations

from vertebrisk.text.plurals import agreeing, counted, in_rows, with_article


def test_nouns_verbs_and_rows_agree_with_their_number() -> None:
    assert [counted(n, "event") for n in (0, 1, 2)] == ["0 events", "1 event", "2 events"]
    assert counted(3, "vertebra", "vertebrae") == "3 vertebrae"
    assert [agreeing(n, "lies", "lie") for n in (1, 2)] == ["lies", "lie"]
    assert in_rows([4]) == "row 4"
    assert in_rows(range(1, 12)) == "rows 1, 2, 3, 4, 5, 6, 7, 8 and 3 more"
    assert with_article("intraoperative variable") == "an intraoperative variable"
    assert with_article("postoperative variable") == "a postoperative variable"
