"""Where sums over patients run: columns in memory or on disk, chunk by chunk, here or elsewhere."""
