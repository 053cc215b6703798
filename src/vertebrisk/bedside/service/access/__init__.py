"""Who may ask, from where, how often, and what every answer's headers say."""
