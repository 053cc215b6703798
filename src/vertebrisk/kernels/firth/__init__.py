"""Firth's penalised likelihood: Jeffreys' penalty in logistic and Cox regression."""
