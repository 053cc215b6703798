"""Can any cohort with the printed margins have the printed coefficients as its fit?

`programme` proves with linear programmes over covariate patterns that none can, or finds
that it cannot be excluded; `readings` asks it of every sign and of every level that the
constant may belong to; `model` makes the question of a printed paper, or says why it
cannot be asked.
"""
