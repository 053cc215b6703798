"""Ridge, lasso and elastic net: how much to penalise, the fits, and what to say of them."""
