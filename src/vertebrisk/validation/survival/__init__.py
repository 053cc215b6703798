"""Performance of risks of an event over time: arrays in, numbers out."""
