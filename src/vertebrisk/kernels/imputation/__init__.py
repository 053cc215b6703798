"""Multiple imputation on arrays: chained equations, and Rubin's rules over what they give."""
