# Everything runs in .venv, which the first target that needs it makes.
# PYTHON=python3.13 make replay   takes another interpreter.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: replay test test-httpx check bench cassettes clean

replay: .venv/installed
	$(BIN)/fakememtrace replay

test: .venv/installed
	$(BIN)/python -m pytest

# The suite with an SDK of the other generation (httpx, where the newest one speaks httpx2).
test-httpx: .venv/httpx/installed
	.venv/httpx/bin/python -m pytest tests/claude tests/doors tests/scenario tests/test_plugin.py tests/test_world.py

check: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/installed
	$(BIN)/python -m tests.bench

cassettes: .venv/installed
	$(BIN)/python -m tests.authors

clean:
	rm -rf .venv

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "fakememtrace needs Python 3.10 or newer; this is " + sys.version.split()[0] + ". Name another one: PYTHON=python3.12 make ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

.venv/httpx/installed: .venv/installed
	$(BIN)/python -m venv .venv/httpx
	.venv/httpx/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]' 'anthropic==0.125.0'
	touch $@
