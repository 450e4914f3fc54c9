"""Measurements of a whole Houston, as ratios to what the machine can do at all."""
