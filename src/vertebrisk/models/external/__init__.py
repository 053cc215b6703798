"""External validation: how a RiskModel does on patients that it was not made from."""
