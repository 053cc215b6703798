"""The golden run: the results of the embedded study, as they were last looked at."""
