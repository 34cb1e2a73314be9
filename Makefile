# Everything runs in .venv, which the first target that needs it makes.
# PYTHON=python3.13 make replay   takes another interpreter, in a .venv made anew.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := -m pip install --quiet --disable-pip-version-check
READY := .venv/ready-$(notdir $(PYTHON))

# Claude's SDK changed its HTTP library and its types often enough; the newest is what everything else runs with.
SDKS := 0.75.0 0.125.0 1.17.0
OF_SDKS := tests/claude/test_endpoints.py tests/claude/test_retries.py tests/claude/test_stream_faults.py \
	tests/claude/test_streams.py tests/claude/test_stream_times.py tests/claude/test_unread_streams.py tests/traffic \
	tests/recording/test_end_to_end.py tests/doors/test_patched.py tests/doors/test_respx_router.py \
	tests/scenario/test_replay.py

.PHONY: replay test test-all test-sdks check package docs bench browser sdks sdks-of-claude cassettes traffic clean

replay: $(READY)
	$(BIN)/fakememtrace replay --dialect 0.2.0 --dialect documented
	$(BIN)/fakememtrace eval --quiet

test: $(READY) sdks
	$(BIN)/python -m pytest -n auto

# Those too that take their time: hundreds of processes, each with the SDKs.
test-all: $(READY) sdks
	$(BIN)/python -m pytest -n auto -m ""

sdks-of-claude: $(SDKS:%=.venv/anthropic-%/ready)

# What depends on Claude's SDK, with older ones: 0.75 and 0.125 speak httpx, 1.17 and newer ones httpx2.
test-sdks: sdks-of-claude
	for sdk in $(SDKS); do \
		echo "anthropic $$sdk"; \
		PYTHONPATH=$(CURDIR)/.venv/anthropic-$$sdk/site-packages $(BIN)/python -m pytest -n auto $(OF_SDKS) || exit 1; \
	done

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Wheel and sdist, built and tried in empty environments, without extras and with all.
package: $(READY)
	$(BIN)/python -m tests.packaging

# The pages in docs/ as a site, in build/docs; a link that leads nowhere is an error.
docs: $(READY)
	$(BIN)/python $(INSTALL) --editable '.[docs]'
	$(BIN)/python -m sphinx -b html -W --keep-going --quiet docs build/docs

bench: $(READY)
	$(BIN)/python $(INSTALL) --editable '.[bench]'
	$(BIN)/python -m tests.bench

# Every released memtrace-sdk, each in a folder of its own, for the tests of the real clients; and of the MCP SDK the
# first generation, beside the second one that is installed.
sdks: $(READY) .venv/mcp-1.30.0/ready
	$(BIN)/python -m tests.sdk.versions

cassettes: $(READY)
	$(BIN)/python -m tests.authors

# Other people's recordings, imported and replayed; says so where they are not beside this project.
traffic: $(READY)
	$(BIN)/python -m tests.traffic

# For the tests of reports, which say so where there is none; only where packages may be installed.
browser:
	@command -v chromium || command -v chromium-browser || command -v google-chrome || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update --quiet && \
		apt-get install --yes --quiet --no-install-recommends chromium fonts-dejavu-core; \
	} || echo "There is no Chromium, and it cannot be installed here: the tests that need one say so."

clean:
	rm -rf .venv

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "fakememtrace needs Python 3.10 or newer; this is " + sys.version.split()[0] + ". Name another one: PYTHON=python3.12 make ...")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python $(INSTALL) --editable '.[dev]'
	touch $@

# Only the SDK and what it needs, found before what is installed.
.venv/anthropic-%/ready: $(READY)
	$(BIN)/python $(INSTALL) --target .venv/anthropic-$*/site-packages 'anthropic==$*'
	touch $@

.venv/mcp-%/ready: $(READY)
	$(BIN)/python $(INSTALL) --target .venv/mcp-$*/site-packages 'mcp==$*'
	touch $@
