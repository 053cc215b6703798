"""Checklists of reporting and appraisal, filled with what a run knows.

TRIPOD+AI, its list for abstracts, PROBAST, PROBAST+AI and STROBE. Items are data (`tripod_items`,
`strobe_items`, `evidence.appraisal.questions`), in short words of our own with the numbers of the
statements; plain functions say of each what the run knows and where in the report it stands.
What only the authors can say stays open, and what does not apply says why.
"""
