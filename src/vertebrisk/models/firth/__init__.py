"""Models by Firth's penalised likelihood, for rare events and separated patients."""
