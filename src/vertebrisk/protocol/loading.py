"""From TOML to a checked `Protocol`: every problem of the file is reported at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import ValidationError

from vertebrisk._checks import listed, nearest
from vertebrisk.design.terms import parse_terms
from vertebrisk.errors import ProtocolError
from vertebrisk.protocol.checks import candidate_problems, compare_problems, derivation_problems
from vertebrisk.protocol.documents import (
    Analysis,
    ConsistencyRule,
    Eligibility,
    Study,
    Variable,
)
from vertebrisk.protocol.fields import PLACEHOLDER, Table
from vertebrisk.protocol.followup import Agreement, Followup, followup_problems
from vertebrisk.protocol.fractional import fractional_problems
from vertebrisk.protocol.matching import matching_problems
from vertebrisk.protocol.missing import RESAMPLES, Missing, missing_problems
from vertebrisk.protocol.models import default_model, model_problems, strata_problems
from vertebrisk.protocol.outcome import TIME_KEYS, Outcome, StudyOutcome, TimeToEventOutcome
from vertebrisk.protocol.paths import inside
from vertebrisk.protocol.penalty import factor_problems
from vertebrisk.protocol.problems import SECTIONS, explain, found, unknown_key
from vertebrisk.protocol.sampling import Sampling, sampling_problems
from vertebrisk.protocol.study_protocol import Protocol
from vertebrisk.protocol.toml_files import frozen, marked_lines, problems_message, read_toml
from vertebrisk.protocol.validating import (
    LEAVING_OUT,
    ValidationPlan,
    group_problems,
    validation_problems,
)

MAX_PROTOCOL_BYTES = 1_000_000
MAX_CODEBOOK_BYTES = 8_000_000
_REQUIRED = ("study", "outcome", "analysis", "validation")
_LATER_TABLES = ("cox", "firth", "ridge", "lasso", "imputation", "external")

AnyTable = TypeVar("AnyTable", bound=Table)


def load_protocol(path: Path, *, other_data: bool = False) -> Protocol:
    """Read a study protocol, and check it whole before anything runs.

    Parameters
    ----------
    path : Path
        The TOML file.
    other_data : bool
        True if the data file is named by the person who runs the study, so that the
        protocol's own `data` is not used and may point anywhere.

    Raises
    ------
    DataError
        The file cannot be read.
    ProtocolError
        The protocol cannot be understood. The message lists every problem, one a line.
    """
    drafting = f"`vertebrisk new DIR --data {path}` drafts the protocol of such a table; give that."
    document, text = read_toml(path, "The protocol", MAX_PROTOCOL_BYTES, instead=drafting)
    reader = _Reader(path, document)
    reader.problems += marked_lines(text)
    protocol = reader.protocol(other_data)
    if reader.problems or protocol is None:
        raise ProtocolError(problems_message(path, reader.problems))
    return protocol


def load_codebook(path: Path) -> dict[str, Variable]:
    """The variables of a codebook by their names, from a TOML file with ``[variables.*]``.

    Raises
    ------
    DataError
        The file cannot be read.
    ProtocolError
        It cannot be understood. The message lists every problem, one a line.
    """
    document, _ = read_toml(path, "The codebook", MAX_CODEBOOK_BYTES)
    reader = _Reader(path, document)
    tables = reader.named_tables(frozen(document.get("variables", {})), path.name)
    variables = dict(reader.variables(tables))
    if reader.problems:
        raise ProtocolError(problems_message(path, reader.problems))
    return variables


class _Reader:
    """Reads the sections one by one and gathers their problems."""

    def __init__(self, path: Path, document: Mapping[str, Any]) -> None:
        self.path = path
        self.document = frozen(dict(document))
        self.problems: list[str] = []

    def protocol(self, other_data: bool) -> Protocol | None:
        self.check_sections()
        study = self.section("study", Study)
        outcome = self.outcome()
        written = self.document.get("analysis")
        self.fill_in_model(written, outcome)
        analysis = self.section("analysis", Analysis)
        missing = self.missing()
        validation = self.section("validation", ValidationPlan)
        eligibility = self.section("eligibility", Eligibility, optional=True)
        sampling = self.section("sampling", Sampling) if "sampling" in self.document else None
        consistency = tuple(self.listed("consistency", ConsistencyRule))
        followup = tuple(self.listed("followup", Followup))
        agreement = tuple(self.listed("agreement", Agreement))
        if study is not None:
            self.check_paths(study, other_data)
        self.check_long_files(followup)
        tables = self.variable_tables(study)
        variables = dict(self.variables(tables))
        self.problems += derivation_problems(variables)
        if sampling is not None:
            self.problems += sampling_problems(sampling, study, tables)
        patient = None if study is None else study.patient
        self.problems += followup_problems(followup, agreement, variables, patient)
        if analysis is not None:
            self.problems += compare_problems(analysis, tables)
            self.problems += candidate_problems(analysis, tables, variables, study, outcome)
            self.problems += strata_problems(analysis, tables, variables, study, outcome)
            if missing is not None:
                self.problems += missing_problems(
                    missing, analysis, tables, variables, study, outcome, sampling
                )
            if study is not None and outcome is not None:
                self.problems += model_problems(study, outcome, analysis, written)
            self.problems += matching_problems(
                sampling, analysis, validation, missing, variables, outcome
            )
            if validation is not None:
                self.problems += validation_problems(validation, analysis, sampling)
                self.problems += group_problems(
                    validation, analysis, tables, variables, missing, sampling, outcome
                )
        if not (study and outcome and analysis and validation and eligibility and missing):
            return None
        made = Protocol(
            study=study,
            eligibility=eligibility,
            outcome=outcome,
            variables=MappingProxyType(variables),
            analysis=analysis,
            validation=validation,
            path=self.path,
            missing=missing,
            sampling=sampling,
            consistency=consistency,
            followup=followup,
            agreement=agreement,
        )
        if not self.problems:
            terms = parse_terms(made.model_terms)
            self.problems += factor_problems(analysis, terms)
            self.problems += fractional_problems(analysis, terms, written, missing, sampling)
        return made

    def check_sections(self) -> None:
        known = [*SECTIONS, "variables"]
        for name in self.document:
            if name in _LATER_TABLES:
                self.problems.append(f"[{name}] is not in this version of vertebrisk; take it out.")
            elif name not in known:
                close = nearest(name, known) or f" Allowed are {listed(known)}."
                self.problems.append(f"Unknown table [{name}].{close}")
        for name in _REQUIRED:
            if name not in self.document:
                self.problems.append(f"The table [{name}] is missing; it is never optional.")

    def outcome(self) -> StudyOutcome | None:
        """The outcome by its kind; keys of the other kind get a line of their own."""
        table = self.document.get("outcome")
        if not isinstance(table, dict):
            return self.section("outcome", Outcome)
        if table.get("kind") == "time-to-event":
            return self.section("outcome", TimeToEventOutcome)
        later = [key for key in table if key in TIME_KEYS]
        if later and table.get("kind") == "binary":
            self.problems.append(
                f"'{later[0]}' in [outcome] belongs to kind = \"time-to-event\", for an event "
                "that is followed up."
            )
        own = {key: value for key, value in table.items() if key not in later}
        return self.parsed(own, Outcome, ("outcome",))

    def fill_in_model(self, written: object, outcome: StudyOutcome | None) -> None:
        if isinstance(written, dict) and "model" not in written:
            self.document["analysis"] = {**written, "model": default_model(outcome)}

    def missing(self) -> Missing | None:
        """What is done with missing values; imputation makes the default validation shorter."""
        missing = self.section("missing", Missing, optional=True)
        written = self.document.get("validation")
        drawn = isinstance(written, dict) and written.get("method") not in LEAVING_OUT
        if missing is not None and missing.imputes and isinstance(written, dict) and drawn:
            self.document["validation"] = {"resamples": RESAMPLES, **written}
        return missing

    def section(
        self, name: str, table: type[AnyTable], *, optional: bool = False
    ) -> AnyTable | None:
        if name not in self.document and not optional:
            return None
        return self.parsed(self.document.get(name, {}), table, (name,))

    def listed(self, name: str, table: type[AnyTable]) -> Iterator[AnyTable]:
        """Tables that are written [[name]], one after the other."""
        written = self.document.get(name, ())
        if not isinstance(written, tuple) or not all(isinstance(each, dict) for each in written):
            self.problems.append(
                f"'{name}' is {found(written)}; write its table as [[{name}]], once for each."
            )
            return
        for place, each in enumerate(written):
            made = self.parsed(each, table, (name, place))
            if made is not None:
                yield made

    def check_long_files(self, followups: Sequence[Followup]) -> None:
        for each in followups:
            if each.file is not None:
                try:
                    inside(self.path.parent, each.file.path, "path", "[followup.file]")
                except ProtocolError as error:
                    self.problems.append(str(error))

    def parsed(
        self, value: Any, table: type[AnyTable], prefix: tuple[str | int, ...]
    ) -> AnyTable | None:
        try:
            return table.model_validate(value)
        except ValidationError as error:
            self.problems += explain(error, prefix)
            return None

    def check_paths(self, study: Study, other_data: bool) -> None:
        named = {"codebook": study.codebook, "printed": study.printed}
        if not other_data:
            named["data"] = study.data
        for key, text in named.items():
            if text is None or text == PLACEHOLDER:
                continue
            try:
                inside(self.path.parent, text, key)
            except ProtocolError as error:
                self.problems.append(str(error))

    def variable_tables(self, study: Study | None) -> dict[str, Any]:
        own = self.named_tables(self.document.get("variables", {}), self.path.name)
        codebook = self.codebook(study)
        for name in codebook:
            if name in own:
                self.problems.append(
                    f"[variables.{name}] stands in the protocol and in the codebook; keep one."
                )
        return codebook | own

    def codebook(self, study: Study | None) -> dict[str, Any]:
        if study is None or study.codebook in (None, PLACEHOLDER):
            return {}
        try:
            path = inside(self.path.parent, str(study.codebook), "codebook")
        except ProtocolError:
            return {}
        document, text = read_toml(path, "The codebook", MAX_CODEBOOK_BYTES)
        self.problems += [f"{path.name}: {line}" for line in marked_lines(text)]
        for name in document:
            if name != "variables":
                close = nearest(name, ["variables"]) or " It holds [variables.*] and nothing else."
                self.problems.append(f"{path.name}: unknown table [{name}].{close}")
        return self.named_tables(frozen(document.get("variables", {})), path.name)

    def named_tables(self, value: Any, file: str) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self.problems.append(
            f"[variables] in {file} is {found(value)}; a table for each is needed."
        )
        return {}

    def variables(self, tables: Mapping[str, Any]) -> Iterator[tuple[str, Variable]]:
        for name, value in tables.items():
            prefix = ("variables", name)
            if not isinstance(value, dict):
                self.problems.append(f"[variables.{name}] is {found(value)}; a table is needed.")
                continue
            if "name" in value:
                self.problems.append(unknown_key(prefix, "name"))
            variable = self.parsed({"label": name, **value, "name": name}, Variable, prefix)
            if variable is not None:
                yield name, variable
