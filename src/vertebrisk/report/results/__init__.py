"""What a report is made of: the numbers of a run, gathered by the study."""
