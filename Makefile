# Everything runs from a bare clone on a machine with Python, make, Node and Debian's package manager.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# Trust whom the machine trusts, as pip does: a company's mirror may have a certificate of its own.
export UV_SYSTEM_CERTS := 1

# Debian's is built with all optimisations, which others on the path may not be: a third faster.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
BIN := .venv/bin
CHROMIUM := /usr/bin/chromium
CATALOGS := $(wildcard src/wafa/locale/*/LC_MESSAGES/*.po)
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-header --no-emit-index-url --no-emit-find-links

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14

# ---- use it ------------------------------------------------------------------------------------

.PHONY: demo
demo: venv assets catalogs  ## a running product with a store of two years' history; TEMPLATE=cafe-stamps for another program
	$(BIN)/wafa demo $(if $(TEMPLATE),--template $(TEMPLATE))

.PHONY: bench
bench: venv assets catalogs  ## how fast the core, trials and the clock are, and how close to what the database can do
	$(BIN)/python -m bench

# ---- check it ----------------------------------------------------------------------------------

.PHONY: test
test: venv assets catalogs $(CHROMIUM)  ## every test
	$(BIN)/pytest --numprocesses auto --dist worksteal

.PHONY: test-fast
test-fast: venv assets catalogs  ## the tests without browsers, races and killed processes, in less than a minute
	WAFA_TEST_PROFILE=everyday $(BIN)/pytest --numprocesses auto --dist worksteal -m 'not slow and not browser'

# These read settings, but neither the database nor the home.
WITHOUT_DATABASE := WAFA_SECRET_KEY=unused DATABASE_URL=postgresql://127.0.0.1:1/unused WAFA_DATABASE_POOL=0

.PHONY: check
check: venv format-check lint types contracts migrations translations  ## all that needs no test to be seen

.PHONY: format-check lint types contracts migrations translations
format-check: venv
	$(BIN)/ruff format --check
lint: venv
	$(BIN)/ruff check
types: venv
	$(WITHOUT_DATABASE) $(BIN)/mypy
contracts: venv
	$(BIN)/lint-imports
	$(BIN)/python -m tests.shape.rules src/wafa
migrations: venv
	$(WITHOUT_DATABASE) PYTHONWARNINGS='ignore:Got an error checking' $(BIN)/wafa django makemigrations --check --dry-run
translations: venv
	$(WITHOUT_DATABASE) $(BIN)/python -m wafa.design.catalogs check

.PHONY: fix
fix: venv  ## format, and mend what lint can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# ---- build it ----------------------------------------------------------------------------------

.PHONY: venv
venv: .venv/.installed  ## the Python environment, from hashed pins

$(BIN)/uv: requirements/uv.txt
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ $(AS_ROOT) apt-get update --quiet && $(AS_ROOT) apt-get install --yes --quiet python3-venv; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt
	@touch $@

.venv/.installed: $(BIN)/uv requirements/dev.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: pins
pins: $(BIN)/uv  ## write the pins again from pyproject.toml
	echo uv | $(COMPILE) - --output-file requirements/uv.txt
	$(COMPILE) --extra embedded pyproject.toml --output-file requirements/run.txt
	$(COMPILE) --extra embedded --extra dev pyproject.toml --output-file requirements/dev.txt
	@! grep -nE '://|^-' requirements/*.txt || { echo 'a registry address got into the pins' >&2; exit 1; }

.PHONY: assets
assets: node_modules/.built  ## style sheet, scripts and fonts

node_modules/.installed: package-lock.json
	npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

node_modules/.built: node_modules/.installed package.json $(wildcard assets/* assets/*/*)
	npm run --silent build
	@touch $@

.PHONY: catalogs
catalogs: .venv/.catalogs  ## compiled translations

.venv/.catalogs: .venv/.installed $(CATALOGS)
	$(WITHOUT_DATABASE) $(BIN)/python -m wafa.design.catalogs compile
	@touch $@

.PHONY: messages
messages: venv  ## bring the translation catalogs up to date with the sources
	$(WITHOUT_DATABASE) $(BIN)/python -m wafa.design.catalogs update

.PHONY: wheel
wheel: venv assets catalogs  ## the package, with assets and translations inside
	$(BIN)/python -m hatchling build --target wheel

$(CHROMIUM):
	$(AS_ROOT) apt-get update --quiet
	$(AS_ROOT) apt-get install --yes --quiet --no-install-recommends chromium

.PHONY: clean
clean:  ## remove all that was built
	rm -rf .venv node_modules dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src/wafa -name '*.mo' -delete
	find src/wafa -path '*/static/*' -name built -type d -exec rm -rf {} +
