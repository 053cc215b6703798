"""Risks and outcomes over calendar time: windows, and charts that tell when they part."""
