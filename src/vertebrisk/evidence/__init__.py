"""Published studies as evidence: what a printed table allows, and a cohort that fits it.

`patterns` finds whole numbers of patients for every combination of risk factors such that
a logistic model fitted to them gives a printed coefficient table. `readings` asks whether a
reading of such a table is possible at all. `continuous` makes measurements with a printed
mean and standard deviation. `li2021` puts them together into the embedded cohort::

    python -m vertebrisk.evidence.li2021 --out patients.csv --seed 20210430

Patients made here are reconstructed, never real: they agree with what was printed and say
nothing beyond it.
"""
