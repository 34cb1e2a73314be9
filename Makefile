# Everything runs in .venv, which the first target that needs it makes.
# PYTHON=python3.13 make replay   takes another interpreter, in a .venv made anew.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := -m pip install --quiet --disable-pip-version-check
READY := .venv/ready-$(notdir $(PYTHON))

.PHONY: replay test test-httpx check bench sdks cassettes clean

replay: $(READY)
	$(BIN)/fakememtrace replay

test: $(READY) sdks
	$(BIN)/python -m pytest -n auto

# The suite's doors and Claude with an SDK of the other generation (httpx, where the newest one speaks httpx2).
test-httpx: .venv/httpx/ready
	.venv/httpx/bin/python -m pytest -n auto tests/claude tests/doors/test_patched.py tests/doors/test_respx_router.py \
		tests/doors/test_clients.py tests/doors/test_lazy_pool.py tests/scenario tests/test_plugin.py tests/test_world.py

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python $(INSTALL) --editable '.[bench]'
	$(BIN)/python -m tests.bench

# Every released memtrace-sdk, each in a folder of its own, for the tests of the real clients.
sdks: $(READY)
	$(BIN)/python -m tests.sdk.versions

cassettes: $(READY)
	$(BIN)/python -m tests.authors

clean:
	rm -rf .venv

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "fakememtrace needs Python 3.10 or newer; this is " + sys.version.split()[0] + ". Name another one: PYTHON=python3.12 make ...")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python $(INSTALL) --editable '.[dev]'
	touch $@

.venv/httpx/ready: $(READY)
	$(BIN)/python -m venv .venv/httpx
	.venv/httpx/bin/python $(INSTALL) --editable '.[test]' 'anthropic==0.125.0'
	touch $@
