"""The bench counts what it says: ratios of runs in turn, records that stay, honest peers."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Modules of the bench, which import one another by their bare names."""
    monkeypatch.syspath_prepend(str(BENCH))
    return SimpleNamespace(
        **{name: import_module(name) for name in ("bounds", "costs", "history", "page", "turns")}
    )


def line(bench: SimpleNamespace, **peer: Any) -> Any:
    asked = {"name": "R", "goal": 3.0, "script": "x.R", "needs": ()} | peer
    cost = bench.bounds.Cost(bytes=2e9, flops=1e9)
    bound = machine(bench).bound(cost)
    return bench.turns.Line(
        "work", bench.turns.Peer(**asked), "R 4", (6.0, 8.0, 9.0), (2.0, 4.0, 1.0), cost, bound
    )


def machine(bench: SimpleNamespace) -> Any:
    return bench.bounds.Machine(
        bandwidth=4e9,
        bandwidth_alone=2e9,
        flops=1e10,
        flops_tall=1e9,
        exponentials=1e8,
        draws=1e7,
        sorting=1e6,
        disk=None,
    )


def test_the_ratio_is_that_of_each_turn(bench: SimpleNamespace) -> None:
    found = line(bench)
    assert found.ratios == (3.0, 2.0, 9.0)
    document = found.to_dict()
    assert document["ratio"] == {"median": 3.0, "min": 2.0, "max": 9.0}
    assert document["peer_did"] == "all of it"
    assert "2.0 to 9.0" in found.line()


def test_a_peer_that_does_a_part_says_so(bench: SimpleNamespace) -> None:
    found = line(bench, share=0.1, said="10 of 100 resamples")
    assert "(scaled)" in found.line()
    assert "10 of 100 resamples" in found.note()
    assert found.to_dict()["peer_did"] == "10 of 100 resamples"


def test_ours_says_so_too(bench: SimpleNamespace) -> None:
    whole = line(bench, share=0.1, said="10 of 100 resamples")
    assert whole.to_dict()["did"] == "all of it"
    assert "ours" not in whole.note()
    found = replace(whole, did="20 of 100 resamples")
    assert "ours ran 20 of 100 resamples" in found.note()
    assert found.to_dict()["did"] == "20 of 100 resamples"


def test_the_bound_is_the_longest_of_the_times(bench: SimpleNamespace) -> None:
    cost = bench.bounds.Cost
    rates = machine(bench)
    assert (rates.bound(cost(bytes=2e9, flops=1e9)).by, line(bench).bound.seconds) == (
        "memory",
        0.5,
    )
    assert rates.bound(cost(bytes=1e8, flops=1e10)).by == "products"
    assert rates.bound(cost(keys=1e9)).by == "sorting"
    assert rates.bound(cost(flops=1e9, exponentials=1e8)).by == "exponentials"
    assert rates.bound(cost(exponentials=1e8, draws=1e8)).by == "draws"
    assert line(bench).bound.said(2.0) == "25 % (memory)"


def test_work_that_is_done_in_parts_costs_their_sum(bench: SimpleNamespace) -> None:
    cost, costs = bench.bounds.Cost, bench.costs
    assert cost(1.0, 2.0, draws=3.0) + cost(flops=2.0, keys=1.0) == cost(1.0, 4.0, 0.0, 3.0, 1.0)
    once = costs.newton(10, 3, 1)
    assert once == cost(flops=10 * 3 * 4 + 2 * 10 * 3 * 2, exponentials=10)
    assert costs.newton(10, 3, 5) == once.times(5)
    assert costs.newton(10, 3, 1, from_memory=True).bytes == 8 * 10 * 4
    whole = costs.validated(patients=20, rows=10, columns=3)
    assert (whole.draws, whole.keys) == (20, 10)


def test_a_peer_with_other_numbers_is_not_timed(bench: SimpleNamespace) -> None:
    peer = bench.turns.Peer("R", 3.0, "x.R", ())
    work = bench.turns.Work("work", {"": print}, (peer,), numbers=lambda: [1.0, 2.0])
    bench.turns.same(work, peer, np.array([1.0, 2.00001]))
    for other in ([1.0, 2.1], [1.0]):
        with pytest.raises(RuntimeError, match="numbers are others"):
            bench.turns.same(work, peer, np.array(other))


def test_a_record_is_added_below_and_none_is_replaced(
    bench: SimpleNamespace, tmp_path: Path
) -> None:
    path = tmp_path / "history" / "machine.jsonl"
    bench.history.added(path, {"table": 1})
    first = path.read_text(encoding="utf-8")
    bench.history.added(path, {"table": 2})
    text = path.read_text(encoding="utf-8")
    assert text.startswith(first)
    assert [json.loads(each)["table"] for each in text.splitlines()] == [1, 2]
    named = bench.history.default_file({"processor": "AMD (R) 7", "cores": "2", "system": "Linux"})
    assert named.name == "amd-r-7-2-cores-linux.jsonl"


def test_tables_of_the_page_are_replaced_between_their_marks(bench: SimpleNamespace) -> None:
    page = bench.page
    text = f"before\n{page.BEGIN.format('table')}\nold\n{page.END}\nafter\n"
    found = page.replaced(text, "table", "new")
    assert found == page.replaced(found, "table", "new")
    assert "old" not in found
    assert found.startswith("before\n")
    assert found.endswith(f"new\n\n{page.END}\nafter\n")
    with pytest.raises(SystemExit, match="no marks of 'growth'"):
        page.replaced(text, "growth", "new")
    marked = page.PAGE.read_text(encoding="utf-8")
    assert all(page.BEGIN.format(name) in marked for name in page.PARTS)


def test_the_table_begins_at_the_last_whole_run(bench: SimpleNamespace) -> None:
    def record(load: str, *works: str, **parts: Any) -> Any:
        rows = [replace(line(bench), work=work).to_dict() for work in works]
        where = {"processor": "P", "cores": "2", "system": "Linux", "load when it began": load}
        return {"date": "2026-01-01", "machine": where, "table": {"rows": rows}, **parts}

    records = [
        record("1", "given up", "kept"),
        record("2", "kept", "once more", growth=[]),
        record("3", "once more"),
    ]
    rows = [each for each in bench.page.table(records) if each.startswith("| ")]
    loads = {each.split(" | ")[0][2:]: each.split(" | ")[-1][:-2] for each in rows}
    assert loads == {"work": "load", "---": "---", "kept": "2", "once more": "3"}


def test_every_row_has_its_peers_at_hand(bench: SimpleNamespace) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in BENCH.glob("rows_*.py"))
    scripts = {path.name for path in (BENCH / "peers").iterdir() if path.suffix in (".R", ".py")}
    helpers = {"turns.R", "turns.py"}
    alone = {name for name in scripts - helpers if f'"{name}"' not in text}
    called = "".join((BENCH / "peers" / name).read_text(encoding="utf-8") for name in scripts)
    assert {name for name in alone if name not in called} == set()
