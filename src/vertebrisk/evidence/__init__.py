"""Published studies as evidence: what is printed, what it allows, and patients that fit it.

`published` holds a paper as it stands in print, `library` those that come with the package,
`export` makes a model of a printed table. `reconstruction` makes individual patients that
agree with what was printed; they are reconstructed, or simulated where only an abstract was
at hand, never real, and say nothing beyond the print.
"""
