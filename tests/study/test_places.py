"""Where a study runs: named by the command line or the protocol, or chosen by the file's size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from tests.protocols import protocol_text

from vertebrisk.cli import main
from vertebrisk.engines import memory
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.memory import memory_available, size_of
from vertebrisk.errors import ArgumentError, ProtocolError
from vertebrisk.protocol import Protocol, load_protocol
from vertebrisk.study.options import RunOptions
from vertebrisk.study.places import engine_of, place_of, whole_table

ROWS = 1000


@pytest.fixture
def protocol(tmp_path: Path) -> Protocol:
    return written(tmp_path)


def written(folder: Path, **analysis: object) -> Protocol:
    """A protocol beside a text file of 1000 rows."""
    frame = pl.DataFrame({"age": range(ROWS), "vas": [each % 10 for each in range(ROWS)]})
    frame.write_csv(folder / "patients.csv")
    frame.write_parquet(folder / "patients.parquet")
    text = protocol_text(
        variables={"age": {"label": "Age"}},
        analysis={"compare": ["age"], "candidates": ["age"], **analysis},
    )
    (folder / "protocol.toml").write_text(text, encoding="utf-8")
    return load_protocol(folder / "protocol.toml")


def test_a_file_within_its_share_of_memory_is_read_whole(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = whole_table(protocol.data_path)
    assert needed == 8 * protocol.data_path.stat().st_size
    monkeypatch.setenv(memory.VARIABLE, str(2 * needed))
    assert place_of(protocol, RunOptions()).name == "memory"
    monkeypatch.setenv(memory.VARIABLE, str(2 * needed - 1))
    place = place_of(protocol, RunOptions())
    assert (place.name, place.asked, place.in_pieces) == ("stream", False, True)
    assert "more than half of" in place.why


def test_what_cannot_be_done_in_pieces_stays_in_memory_unless_pieces_are_asked_for(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(memory.VARIABLE, "1 kB")
    vertebrae = replace(protocol, study=protocol.study.model_copy(update={"unit": "vertebra"}))
    assert place_of(protocol, RunOptions()).name == "stream"
    assert place_of(vertebrae, RunOptions()).name == "memory"
    ridge = protocol.analysis.model_copy(update={"estimator": "ridge"})
    assert place_of(replace(protocol, analysis=ridge), RunOptions()).name == "memory"
    assert place_of(vertebrae, RunOptions(engine="stream")).name == "stream"


def test_another_data_file_counts_by_its_own_size(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = protocol.data_path.with_suffix(".parquet")
    assert whole_table(path) == 24 * 2 * ROWS
    monkeypatch.setenv(memory.VARIABLE, "90 kB")
    assert place_of(protocol, RunOptions(data=path)).name == "stream"
    assert whole_table(path.with_name("none.parquet")) == 0
    assert whole_table(path.with_suffix(".xlsx")) == 0


def test_the_command_line_comes_before_the_protocol_and_both_before_the_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(memory.VARIABLE, "1 kB")
    named = written(tmp_path, engine="memory")
    assert place_of(named, RunOptions()).name == "memory"
    place = place_of(named, RunOptions(engine="dask", scheduler="tcp://node:8786"))
    assert (place.name, place.asked) == ("dask", True)
    unnamed = replace(named, analysis=named.analysis.model_copy(update={"engine": None}))
    assert place_of(unnamed, RunOptions()).name == "stream"


def test_what_is_not_known_is_one_line(
    tmp_path: Path, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ArgumentError, match="engine is 'cluster'; allowed are memory, stream"):
        place_of(protocol, RunOptions(engine="cluster"))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match='belongs to engine = "dask"'):
        place_of(protocol, RunOptions(scheduler="tcp://node:8786"))
    with pytest.raises(ProtocolError, match="engine"):
        written(tmp_path, engine="spark")
    monkeypatch.setenv(memory.VARIABLE, "a lot")
    with pytest.raises(ArgumentError, match="VERTEBRISK_MEMORY is 'a lot'; a size is needed"):
        place_of(protocol, RunOptions())


def test_the_engine_of_a_stream_is_this_process(protocol: Protocol) -> None:
    options = RunOptions(engine="stream")
    engine = engine_of(place_of(protocol, options), options, lambda step, done, total: None)
    assert isinstance(engine, LocalEngine)


@pytest.mark.parametrize(
    ("text", "size"),
    [("8 GB", 8_000_000_000), ("1.5gb", 1_500_000_000), ("500 MiB", 500_000_000), ("12", 12)],
)
def test_sizes_as_people_write_them(text: str, size: int) -> None:
    assert size_of(text, "size") == size


def test_a_container_leaves_less_than_its_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(memory.VARIABLE, raising=False)
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "CONTROL_GROUPS", tmp_path)
    (tmp_path / "meminfo").write_text("MemTotal: 900 kB\nMemAvailable: 500 kB\n", encoding="ascii")
    assert memory_available() == 512_000
    (tmp_path / "memory.max").write_text("300000\n", encoding="ascii")
    (tmp_path / "memory.current").write_text("100000\n", encoding="ascii")
    assert memory_available() == 200_000
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    assert memory_available() == 512_000


def test_a_scheduler_without_dask_is_refused_by_the_command(
    protocol: Protocol, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["run", str(protocol.path), "--scheduler", "tcp://node:8786"])
    assert status == 2
    assert "scheduler is 'tcp://node:8786', which belongs to engine" in capsys.readouterr().err
