# Two commands set up everything: `make demo` and `make test`. Python 3.11 or newer; PYTHON=... chooses one.
PYTHON ?= python3
TORCH ?= torch==2.13.0
VENV ?= .venv
BIN := $(VENV)/bin
# Tests write and sync thousands of small files: in memory, where a folder there has 4 GiB to spare.
IN_MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4194304 { print "/dev/shm" }')
TEMPORARY ?= $(or $(IN_MEMORY),$(TMPDIR),/tmp)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check test-slow test-upstream upstream-table pages pages-json example-page recording docs release-check \
  environment environment-f5 bench-f5 benchmark clean

demo: $(VENV)/core.stamp ## the whole way on a sample checkout, offline, no torch
	$(BIN)/ttsopt demo

test: $(VENV)/dev.stamp ## the quick tests
	TMPDIR=$(TEMPORARY) $(BIN)/python -m pytest -n auto

check: $(VENV)/dev.stamp ## lint, format, types, import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-slow: $(VENV)/dev.stamp ## property tests with many examples
	TMPDIR=$(TEMPORARY) $(BIN)/python -m pytest -m slow -n auto

test-upstream: $(VENV)/dev.stamp ## real checkouts: TTSOPT_UPSTREAMS=DIR (docs/environments.md)
	$(BIN)/python -m pytest -m upstream -rs

upstream-table: $(VENV)/dev.stamp ## every patch on every version: docs/upstream-run.md; TTSOPT_UPSTREAMS=DIR
	TTSOPT_WRITE_RESULTS=1 $(BIN)/python -m pytest -m upstream -rs tests/upstream

pages: $(VENV)/core.stamp ## catalogue, sources, guides, the READMEs' tables: from the catalogue and what was measured
	$(BIN)/python benchmarks/catalogue_pages.py
	$(BIN)/python benchmarks/system_guides.py
	$(BIN)/python benchmarks/published_gains.py
	$(BIN)/python benchmarks/goals.py

pages-json: $(VENV)/core.stamp ## docs/json.md, from real runs on the sample
	$(BIN)/python benchmarks/json_page.py

example-page: $(VENV)/dev.stamp ## docs/example-report.html, from a saved result
	$(BIN)/python benchmarks/example_page.py

recording: $(VENV)/core.stamp ## docs/images/demo.svg, from a real run of the demo
	$(BIN)/python benchmarks/recording.py

docs: $(VENV)/docs.stamp ## the documentation site, into site/; every warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

release-check: ## wheel and sdist, the wheel by pipx and by uv in environments that are thrown away, the demo from each
	PYTHON=$(PYTHON) bash benchmarks/release_check.sh

# torch first and alone: what is installed after it must not bring another one.
environment: ## an interpreter that runs a real system: SYSTEM=f5-tts, ... (docs/environments.md)
	test -f patches/$(SYSTEM)/requirements.txt || { echo "SYSTEM is one of:"; ls -d patches/*/requirements.txt; exit 1; }
	$(PYTHON) -m venv .environments/$(SYSTEM)
	.environments/$(SYSTEM)/bin/pip install $(TORCH)
	.environments/$(SYSTEM)/bin/pip install -r patches/$(SYSTEM)/requirements.txt
	.environments/$(SYSTEM)/bin/pip install --no-deps -r patches/$(SYSTEM)/requirements-no-deps.txt

# The one real system that comes as a package: no clone is needed.
bench-f5: environment-f5 $(VENV)/core.stamp ## F5-TTS of PyPI against itself, tiny and with random weights; installs torch
	$(BIN)/ttsopt bench --installed f5-tts --python .environments/f5-tts/bin/python --rtf --aa --rounds 2 --threads 1

environment-f5:
	test -x .environments/f5-tts/bin/f5-tts_infer-cli || { $(MAKE) environment SYSTEM=f5-tts && \
	  .environments/f5-tts/bin/pip install --no-deps f5-tts; }

# With compiled bytecode kept, as an installed program has it, whatever the shell says.
benchmark: $(VENV)/core.stamp ## start-up, discovery, planning, applying against their budgets; TTSOPT_UPSTREAMS=DIR
	@unset PYTHONDONTWRITEBYTECODE; worst=0; for one in start_up discovery planning applying; do \
	  $(BIN)/python benchmarks/$$one.py || worst=1; \
	done; exit $$worst

clean:
	rm -rf $(VENV) dist build site .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/core.stamp: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ttsopt needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --editable .
	touch $@

$(VENV)/dev.stamp: $(VENV)/core.stamp
	$(PIP) install --editable '.[dev,tune]'
	touch $@

$(VENV)/docs.stamp: $(VENV)/core.stamp
	$(PIP) install --editable '.[docs]'
	touch $@
