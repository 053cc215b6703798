"""Files larger than memory, read piece by piece into columns on disk."""

from vertebrisk.cohort.scanning.cohort import FollowedColumns, ScannedCohort
from vertebrisk.cohort.scanning.loading import load_scanned_cohort
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.scanning import scan_table

__all__ = [
    "FollowedColumns",
    "PatientScan",
    "ScannedCohort",
    "load_scanned_cohort",
    "scan_table",
]
