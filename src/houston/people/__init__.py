"""Accounts and the keys that open them."""
