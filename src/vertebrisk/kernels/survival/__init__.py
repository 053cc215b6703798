"""Times to an event: risk sets, Cox regression, curves and concordance on arrays."""
