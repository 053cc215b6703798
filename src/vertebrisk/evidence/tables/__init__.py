"""Tables as they are copied out of a paper, read for the audit."""

from vertebrisk.evidence.tables.reading import TableReading, read_tables

__all__ = ["TableReading", "read_tables"]
