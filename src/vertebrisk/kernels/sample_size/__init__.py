"""How many patients a study needs, to develop a model or to validate one."""
