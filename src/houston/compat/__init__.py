"""Dialects of other products' interfaces. Translation only: no rule is decided here."""
