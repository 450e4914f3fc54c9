#!/bin/sh
# Makes .venv/ from the lock. Needs a Python, its pip (from wherever), and a network to the registry.
set -eu
PYTHON="${PYTHON:-python3}"

fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "Houston needs Python 3.11 or newer as '$PYTHON'. Install python3, or say: make PYTHON=/path/to/python3"

# Debian's python3 comes without pip. Its pip lies in a package that can be unpacked without being
# installed, so that neither root nor a change of the system is needed.
borrow_pip() {
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    (cd "$folder" && apt-get download -qq python3-pip-whl && dpkg-deb -x ./*.deb .) 2>/dev/null || return 1
    wheel=$(find "$folder" -name 'pip-*.whl' | head -n 1)
    [ -n "$wheel" ] && .venv/bin/python "$wheel/pip" install --quiet --no-index "$wheel"
}

rm -f .venv/made
if "$PYTHON" -c 'import ensurepip' 2>/dev/null; then
    [ -x .venv/bin/pip ] || "$PYTHON" -m venv --clear .venv
else
    [ -x .venv/bin/pip ] || "$PYTHON" -m venv --clear --without-pip .venv
    [ -x .venv/bin/pip ] || borrow_pip ||
        fail "This Python has no pip to put into .venv/. As root: apt-get update && apt-get install python3-venv"
fi

# A package that left the lock is left behind in .venv/ until that folder is removed; harmless.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
touch .venv/made
