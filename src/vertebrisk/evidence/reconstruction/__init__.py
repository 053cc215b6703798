"""Individual patients that agree with everything a paper prints.

`margins` and `numbers` make each variable's values inside each group, with counts, means
and SDs as printed; `targets` reads the regression table and `joint` arranges the values so
that its fit is the printed one, by integer programming over covariate `patterns` or by
exchanging values between patients (`exchange`, `likelihoods`); `followup` adds times,
events and scores; `agreement`, `fitted` and `contradictions` say how near it came and what
cannot be.
"""
