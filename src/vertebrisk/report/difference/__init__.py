"""What changed between two runs, in words and numbers."""
