"""Files larger than memory, read piece by piece into columns on disk."""
