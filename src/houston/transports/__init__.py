"""Wires to messengers. A transport is one file behind the seam in `transport.py`."""
