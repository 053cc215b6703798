"""Numbers of several studies pooled into one, with what they leave open.

`pooling` pools estimates with their standard errors, as R's metafor does.
"""
