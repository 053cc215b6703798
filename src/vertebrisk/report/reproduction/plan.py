"""What the R script of a study is written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DataFormat = Literal["csv", "xlsx", "sav", "dta", "sas", "xpt", "parquet"]
VariableKind = Literal["number", "level", "date"]


@dataclass(frozen=True, slots=True)
class PlanVariable:
    """How one column of the file is read.

    Attributes
    ----------
    name : str
        Column of the file.
    kind : {"number", "level", "date"}
        What it becomes. A date is read as year-month-day.
    codes : tuple of (str, str)
        For levels: what stands in the file and the label it gets, the reference level
        first. A cell that already holds the label is understood, too, and so are the
        value labels of an SPSS, Stata or SAS file.
    missing : tuple of str
        What stands in the file for a missing value, besides an empty cell.
    """

    name: str
    kind: VariableKind
    codes: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReproducePlan:
    """What the R script does before it fits, in the order in which it does it.

    Attributes
    ----------
    data_file : str
        Name of the data file, as seen from the folder where the script is started; a
        path given on its command line takes precedence.
    data_format : {"csv", "xlsx", "sav", "dta", "sas", "xpt", "parquet"}
        How the file is read.
    variables : tuple of PlanVariable
        Columns that rules, derivations and formula read.
    derivations : tuple of (name, source)
        Derived variables, in an order in which each finds what it needs.
    include, exclude : tuple of str
        Eligibility rules. A patient for whom a rule is undetermined leaves.
    event : str
        Rule of the event, or the name of a 0/1 column.
    formula_terms : tuple of str
        Right side of the model's formula, term by term; empty for a constant only.
    outcome : str
        Name that the event gets.
    time, entry, competing : str
        Of a study of time to event: the expressions that give the time followed and the time
        of entry, and the rule of the competing event; empty where there is none.
    strata : tuple of str
        Variables with a baseline hazard each.
    resamples, seed : int
        Of the bootstrap.
    sampled : str
        Of a case-control study: the rule that tells who was sampled; empty where all were.
    kept : tuple of int
        Places in the file of cases and controls, where the run drew the controls.
    complete : tuple of str
        Variables without which a patient leaves; the formula's where empty.
    imputed : tuple of (name, method, source)
        Variables of the imputation, in order, for which nobody leaves; the source of one that
        is computed from others. Empty without imputation.
    cluster : str
        Column of the patient where several rows are one patient's; empty where none are.
    sets : str
        Column of the matched set; empty without matched sets.
    encoding, separator : str
        Of a text file.
    """

    data_file: str
    data_format: DataFormat
    variables: tuple[PlanVariable, ...]
    derivations: tuple[tuple[str, str], ...]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    event: str
    formula_terms: tuple[str, ...]
    outcome: str
    resamples: int
    seed: int
    time: str = ""
    entry: str = ""
    competing: str = ""
    sampled: str = ""
    kept: tuple[int, ...] = ()
    strata: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()
    imputed: tuple[tuple[str, str, str], ...] = ()
    cluster: str = ""
    sets: str = ""
    encoding: str = "UTF-8"
    separator: str = ","
