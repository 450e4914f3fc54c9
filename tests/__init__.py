"""What Houston promises, tried out. A package of its own, because a dependency installs another `tests`."""
