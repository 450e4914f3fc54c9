"""`python -m houston` is the command `houston`."""

from houston.cli import main

main()
