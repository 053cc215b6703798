"""Selection of predictors: what is asked of it, its steps, and what is compared with it."""
