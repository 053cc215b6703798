"""How far a published prediction model may be trusted: PROBAST, answered from a study's file.

Every answer follows from what the file says, with its reason and the places in the paper;
where the file is silent the answer is "no information". Free text is never searched.
"""
