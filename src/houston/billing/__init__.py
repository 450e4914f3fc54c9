"""Money: the ledger, what a day costs, and who may run because it is paid. Knows of no channel's status."""
