"""Models: estimation, selection, inference, and the portable RiskModel."""
