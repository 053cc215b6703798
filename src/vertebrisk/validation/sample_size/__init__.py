"""How many patients to develop a model, and how many to validate one."""
