# Everything sets itself up: Python 3.11 or newer and make are all it takes.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
SIZE ?= full
PIP := $(RUN) -m pip --disable-pip-version-check --quiet install --constraint constraints.txt

.PHONY: demo test test-all check bench clean help

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */: /'

demo: $(VENV)/ready-demo  ## plan the example company; print its plan, write one rep's forms to examples/output
	$(RUN) examples/digital_services/plan.py

test: $(VENV)/ready-test  ## run the test suite (under three minutes on two cores)
	$(RUN) -m pytest -m "not long" --numprocesses auto --dist loadfile

test-all: $(VENV)/ready-test  ## run every test, the long property tests too
	$(RUN) -m pytest --numprocesses auto --dist loadfile

check: $(VENV)/ready-check  ## lint, format, types, import contracts
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/ready-bench  ## measure speed beside peers, into benchmarks/results (SIZE=smoke: seconds, not minutes)
	$(RUN) -m benchmarks $(SIZE)

clean:  ## forget the virtual environment and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/ready-demo: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable ".[holidays,forms,plots]"
	touch $@

$(VENV)/ready-test: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable ".[test]"
	touch $@

$(VENV)/ready-check: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable ".[check]"
	touch $@

$(VENV)/ready-bench: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable ".[bench]"
	touch $@
