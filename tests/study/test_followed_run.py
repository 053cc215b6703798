"""Studies of time to event, from the protocol to every artefact."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose

import vertebrisk as vr
from tests.protocols import write_toml
from tests.reference.loader import frame as reference_frame
from vertebrisk.protocol import load_protocol
from vertebrisk.report.json_document import results_document, results_schema
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

RESAMPLES = 40
