"""RiskModel, the portable model: its document and its risks of new patients."""
