"""Several RiskModels on one cohort: all on the same patients, and where they part."""
