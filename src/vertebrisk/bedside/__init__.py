"""Models where they are used: on a page, from another program, in a hospital's record."""
