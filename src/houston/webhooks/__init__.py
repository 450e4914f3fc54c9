"""Facts carried to the integrators' own addresses, in order, for days if need be."""
