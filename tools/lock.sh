#!/bin/sh
# Writes both locks anew: for every system and Python that we support, with hashes, without an address.
set -eu
lock() {
    output=$1
    shift
    .venv/bin/uv pip compile pyproject.toml "$@" --output-file "$output" --upgrade --universal \
        --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
        --no-config --quiet
}
lock requirements.lock
# The same versions as in the runtime's lock, and the tools and every extra on top.
lock requirements-dev.lock --extra dev --extra linked --constraint requirements.lock
