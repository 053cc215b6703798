"""Pooling of studies: arrays of estimates or of counts in, pooled numbers out."""
