# Everything that one does with Houston in a day. `make` alone explains.
# The environment is .venv/, made from the lock by whatever needs it first.

SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
SEED ?=
T ?= tests
PORT ?= 8080
# Fast tests wait for the database, so four at a time keep two cores busy. The slow ones start whole servers, and wait for most
# of their time: four at a time, in their order (tests/sharing_out.py).
FAST := -m "not slow" -n 4 --dist loadfile
SLOW := -m slow -n 4 --dist loadfile --no-loadscope-reorder
# Without compiled code beside it, each of the hundred servers that tests start compiles all of Houston first.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run dev check test soak bench sim lock lint types contracts ui console browser pictures

help: ## Print this
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: console ## Start the demo on port 8080 (PORT=): everything embedded, nothing to set up
	$(BIN)/houston demo --port $(PORT)

dev: console ## The same on the data folder dev-data/, started anew whenever the code changes
	$(BIN)/python -m tools.restart_on_change src -- $(BIN)/houston demo --port $(PORT) --data dev-data

check: lint types contracts ui ## Before every commit, a minute or two: lint, types, contracts, fast tests
	$(BIN)/python -m pytest -q $(FAST)

test: lint types contracts ui console browser ## Everything (T=tests/channels for a part of the tests)
	$(BIN)/python -m pytest $(FAST) $(T) || [ $$? -eq 5 ]
	$(BIN)/python -m pytest $(SLOW) $(T) || [ $$? -eq 5 ]

soak: .venv/made ## Fast tests on a slow database: what counts on its speed fails (T=tests/crm for a part)
	$(BIN)/python -m pytest -q -p tests.slow_database $(FAST) $(T)

bench: .venv/made ## Measure, as ratios to the bare machine
	$(BIN)/python -m bench

pictures: console browser ## Take the pictures of the README anew
	$(BIN)/python -m tests.console.pictures docs/img

sim: .venv/made ## Play random lives of channels before a referee (SEED= replays one)
	$(BIN)/python -m tests.simulation $(SEED)

lock: .venv/made ## Choose the newest dependencies that fit pyproject.toml, with their hashes
	sh tools/lock.sh

lint: .venv/made
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/build_ui.py lint

types: .venv/made
	$(BIN)/mypy

contracts: .venv/made
	$(BIN)/lint-imports

# What the console decides by itself, without a browser.
ui: .venv/made
	$(BIN)/python tools/build_ui.py test

# Takes a moment when nothing under ui/ has changed.
console: .venv/made
	@$(BIN)/python tools/build_ui.py

# What is not there and cannot be had, the tests that need it complain of.
browser:
	@sh tools/browser.sh

.venv/made: requirements-dev.lock pyproject.toml tools/environment.sh
	PYTHON="$(PYTHON)" sh tools/environment.sh
