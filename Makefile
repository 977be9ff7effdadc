# Every verb sets itself up: a virtual environment in .venv, made from the lock.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak lint docs schema lock clean

help:  ## list the verbs
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## make the virtual environment

$(READY): requirements/dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("promptc needs Python 3.11 or newer; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)  ## compile, replay and check the example specs offline; leaves a report
	@$(BIN)/promptc check
	@$(BIN)/promptc run -o out
	@$(BIN)/promptc report -o out/report.html
	@echo "open out/report.html in a browser; the tour in README.md goes on from here"

test: $(READY)  ## run every test
	$(BIN)/pytest

soak: $(READY)  ## kill 300 recordings at random moments; takes a minute or two
	rm -rf out/soak
	$(BIN)/python -m tests.soak out/soak 300

lint: $(READY)  ## layers, types, style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(READY)  ## write the pages that are made from code
	$(BIN)/python -m tools.errors_page

schema: $(READY)  ## write the API's and the models' schemas (DISCOVERY=path of the discovery document), and the specs'
	$(BIN)/python -m tools.api_schema $(DISCOVERY)
	$(BIN)/python -m tools.spec_schema

lock:  ## write the lock anew (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --upgrade -o requirements/dev.lock

clean:  ## remove what the verbs made
	rm -rf $(VENV) out .promptc .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
