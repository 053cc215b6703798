"""Cards of CDS Hooks: what a hospital's record shows of a model's risk for the patient in view."""
