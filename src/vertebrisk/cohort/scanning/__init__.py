"""Files larger than memory, read piece by piece into columns on disk."""

from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.scanning import scan_table

__all__ = ["PatientScan", "scan_table"]
