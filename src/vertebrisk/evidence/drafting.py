"""A library entry started for a paper: every table with its keys, what is needed marked."""

from __future__ import annotations

import re
from pathlib import Path

from vertebrisk import _files
from vertebrisk.errors import DataError
from vertebrisk.protocol import PLACEHOLDER


def new_paper(directory: Path) -> Path:
    """Start a library entry in a folder; nothing that exists is overwritten.

    Parameters
    ----------
    directory : Path
        The folder, made if it does not exist. Its name is the id of the study.

    Returns
    -------
    Path
        The TOML file. `load_study` refuses it until its marked lines are filled in.

    Raises
    ------
    DataError
        If a file stands in the way.
    """
    if directory.exists() and not directory.is_dir():
        raise DataError(f"'{directory}' is a file; name a folder for the new paper.")
    study_id = _study_id(directory)
    path = directory / f"{study_id}.toml"
    if path.exists() or path.is_symlink():
        raise DataError(f"'{path}' exists and is not overwritten. Name another folder.")
    _files.write_text(path, paper_template(study_id))
    return path


def paper_template(study_id: str) -> str:
    """A library entry to be filled in by hand, explained line by line."""
    return _TEMPLATE.replace("STUDY", study_id).replace("MARK", PLACEHOLDER)


def _study_id(directory: Path) -> str:
    plain = re.sub(r"[^a-z0-9_-]+", "", directory.resolve().name.lower()).lstrip("0123456789_-")
    return plain[:64] if len(plain) > 1 else "paper"


_TEMPLATE = """\
# A published study, number by number, as printed. Lines marked MARK are for a person to fill
# in; lines that begin with "# " show what else may stand here. docs/howto/add-a-paper.md
# explains the keys. Then: vertebrisk library show STUDY.toml
#
# Every printed number is a text in quotes, with the decimals and signs of the print: "0.780",
# "<0.001". Nothing is corrected: what the paper contradicts itself in is kept, with a remark.
# Words are your own, never the paper's sentences. `place` says where in the paper it stands.

schema_version = 1
id = "STUDY"  # author and year, in small letters

[citation]
title = "MARK"
# authors = "Li Q, Long X"  # leave out what is not known
# year = 2021
# journal = "European Spine Journal 29: 2568-2575"
# doi = "10.0000/example"
# license = "CC BY 4.0"
language = "en"
source = "MARK"  # "paper", or "abstract" where no more was at hand

[design]
kind = "MARK"  # "cohort", or "case-control" where cases and controls were chosen
model = "logistic"  # or "cox"
# centre = { text = "Department and hospital", place = "Methods" }
# treatment = { text = "Percutaneous vertebroplasty", place = "Methods" }
# dates = { first = "2017-01", last = "2019-04", place = "Methods" }
n = { value = "MARK", place = "MARK" }  # patients analysed
n_events = { value = "MARK", place = "MARK" }
# follow_up = { text = "6 to 12 months", place = "Methods" }
# population = { text = "All treated patients", place = "Results", n = "1120", n_events = "61" }
# sampling = { text = "One control a case, drawn at random", place = "Methods" }

# [[eligibility.include]]  # and [[eligibility.exclude]], one a criterion
# text = "T score of -2.5 or less"
# known = "preoperative"  # or intraoperative, postoperative: when it can be judged
# place = "Methods"

[outcome]
name = "residual_pain"
label = { en = "Residual back pain", zh = "残留腰背痛" }
kind = "binary"  # or "time-to-event", with time_unit = "months"
definition = "MARK"  # in your own words
# threshold = "VAS >= 4"  # leave out what the paper does not state
# time_point = "1 month"
# arises = "later"  # or "operation": the event happens then, whenever it is found
place = "MARK"

# ------------------------------------------ what the methods say, from short lists of answers
# Leave out what the paper does not say. docs/formats.md lists every key and its answers.

[methods]
# purpose = { value = "development", place = "Abstract" }
# use_at = { value = "preoperative", place = "Discussion" }  # when the model is to be used
# enrolled = { value = "275", place = "Methods" }
# incomplete_excluded = { value = true, place = "Methods" }
# outcome_by = { value = "score", place = "Methods" }
# outcome_uses = { value = [], place = "Methods" }  # variables that the definition uses
# test_numbers = { value = ["t", "mannwhitney"], place = "Methods" }
# test_categories = { value = ["chi-square", "fisher"], place = "Methods" }
# alpha = { value = "0.05", place = "Methods" }
# selection = { value = "univariable", place = "Methods" }
# missing = { value = "complete-case", place = "Methods" }
# discrimination = { value = ["auc"], place = "Results" }
# calibration = { value = ["plot", "hosmer-lemeshow"], place = "Results" }
# internal_validation = { value = "bootstrap", place = "Methods" }  # or "none", if read whole
# optimism_corrected = { value = true, place = "Results" }

# ------------------------------------------------- the variables' coding, which is not print
# Where it applies: modifiable = true for what surgeon or patient may change; codings =
# [{ system = "loinc", code = "30525-0", display = "Age" }], and level_codings for levels.

[variables.age]
label = { en = "Age", zh = "年龄" }
unit = "years"
timing = "preoperative"  # or intraoperative, postoperative
whole = true  # whole numbers; or decimals = 1, the precision of recording
plausible = [18, 110]

[variables.ivc]
label = { en = "Intravertebral vacuum cleft", zh = "椎体内真空裂隙" }
levels = ["No", "Yes"]  # the first is the reference
timing = "preoperative"

# ------------------------------------------------------------ the groups that are compared

[[groups]]
name = "No residual pain"
event = false
n = "MARK"
place = "MARK"

[[groups]]
name = "Residual pain"
event = true
n = "MARK"
place = "MARK"

# One [[compared]] a variable; its lists are in the order of the groups.
# [[compared]]
# variable = "age"
# place = "Table 1"
# mean_sd = ["71.20±5.31", "74.05±6.10"]  # or mean = [...] and sd = [...], or median = [...]
# statistic = "-2.31"
# p_value = "0.022"
#
# [[compared]]
# variable = "ivc"
# place = "Table 1"
# levels = { No = ["217(93.9%)", "31(83.8%)"], Yes = ["14(6.1%)", "6(16.2%)"] }
# p_value = "0.029"

# ------------------------------------------------------------------- the regression tables

# [[model]]
# id = "final"
# kind = "logistic"
# place = "Table 2"
# procedure = "Multivariable logistic regression of what differed in Table 1"
#
# [[model.coefficient]]  # a number has no level; the intercept is term = "constant"
# term = "ivc"
# level = "Yes"
# estimate = "1.332"
# std_error = "0.598"
# wald = "4.973"
# p_value = "0.026"
# ratio = "3.790"
# conf = "1.175-12.227"  # or conf_low = "1.175" and conf_high = "12.227"
# remarks = { estimate = "What is odd about this number, if anything is" }

# ----------------------------------------------------- other numbers, and claims in words

# [[statistic]]  # n, n_events, event_percent, auc, auc_low, auc_high, follow_up_mean_months, ...
# name = "auc"
# value = "0.780"
# place = "Abstract"
#
# [[statement]]
# text = "Older patients had more pain"
# place = "Results"
# variable = "age"
# p_value = "<0.05"
# direction = "higher"  # or lower, different, same
"""
