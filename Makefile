# Everything runs from a bare clone that has Python, make, Node and Debian's package manager.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-header --no-emit-index-url --no-emit-find-links

# ---- the environment ---------------------------------------------------------------------------

$(BIN)/uv: requirements/uv.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt
	@touch $@

.venv/.installed: $(BIN)/uv requirements/dev.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: venv
venv: .venv/.installed  ## the Python environment, from hashed pins

.PHONY: pins
pins: $(BIN)/uv  ## write the pins again from pyproject.toml
	echo uv | $(COMPILE) - --output-file requirements/uv.txt
	$(COMPILE) --extra embedded pyproject.toml --output-file requirements/run.txt
	$(COMPILE) --extra embedded --extra dev pyproject.toml --output-file requirements/dev.txt
	@! grep -nE '://|^-' requirements/*.txt || { echo 'a registry address got into the pins' >&2; exit 1; }

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14
