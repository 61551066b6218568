# Two commands set up everything: `make demo` and `make test`. Python 3.11 or newer; PYTHON=... chooses one.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check test-slow test-upstream upstream-table benchmark clean

demo: $(VENV)/core.stamp ## the whole way on a sample checkout, offline, no torch
	$(BIN)/ttsopt demo

test: $(VENV)/dev.stamp ## the quick tests
	$(BIN)/python -m pytest -n auto

check: $(VENV)/dev.stamp ## lint, format, types, import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-slow: $(VENV)/dev.stamp ## property tests with many examples
	$(BIN)/python -m pytest -m slow

test-upstream: $(VENV)/dev.stamp ## real checkouts: TTSOPT_UPSTREAMS=DIR (docs/environments.md)
	$(BIN)/python -m pytest -m upstream -rs

upstream-table: $(VENV)/dev.stamp ## every patch on every version: docs/upstream-run.md; TTSOPT_UPSTREAMS=DIR
	TTSOPT_WRITE_RESULTS=1 $(BIN)/python -m pytest -m upstream -rs tests/upstream

# With compiled bytecode kept, as an installed program has it, whatever the shell says.
benchmark: $(VENV)/core.stamp ## start-up, discovery, planning, applying against their budgets; TTSOPT_UPSTREAMS=DIR
	@unset PYTHONDONTWRITEBYTECODE; worst=0; for one in start_up discovery planning applying; do \
	  $(BIN)/python benchmarks/$$one.py || worst=1; \
	done; exit $$worst

clean:
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/core.stamp: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ttsopt needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --editable .
	touch $@

$(VENV)/dev.stamp: $(VENV)/core.stamp
	$(PIP) install --editable '.[dev]'
	touch $@
