# Huoji. `make` lists what can be done; every target installs what it needs and is quick when nothing changed.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
UP ?= --demo
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
STATIC := $(shell find src/huoji -path '*/static/*' -type f 2>/dev/null)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard src/huoji/*/locale/*/LC_MESSAGES/*.po src/huoji/apps/*/locale/*/LC_MESSAGES/*.po))
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run install install-dev test check fix types docs bench soak requirements e2e

help: ## List these targets
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

run: install ## Install everything and start Huoji with a demonstration carrier
	$(BIN)/huoji up $(UP)

install: .venv/.run $(CATALOGUES) staticfiles/staticfiles.json ## Install what running needs

install-dev: .venv/.dev node_modules/.stamp $(CATALOGUES) ## Install what working on the code needs

test: check .venv/.browser ## Everything a change must pass: the checks, then all tests
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not soak$$([ -x /usr/bin/chromium ] || echo ' and not browser')" $(T)

check: install-dev ## Format, lint, import contracts and types
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/lint-imports --no-cache > .venv/contracts.txt || { cat .venv/contracts.txt; exit 1; }
	$(BIN)/mypy src

fix: install-dev ## Format and put right what a machine can
	$(BIN)/ruff check -q --fix .
	$(BIN)/ruff format -q .

types: install-dev ## Type check alone
	$(BIN)/mypy src

docs: install-dev ## Write the reference pages that are made from the code
	$(BIN)/python -m huoji.config.reference
	$(BIN)/python -m huoji.web.snapshots

bench: install-dev ## Measure, each figure beside a physical limit of the same run
	$(BIN)/python -m bench $(B)

soak: install-dev .venv/.browser ## The long kills, clusters and fuzzing, and every property many more times
	$(BIN)/pytest -m "soak or hypothesis" --hypothesis-profile soak --timeout 3600 $(T)

e2e: install-dev .venv/.browser ## The tests in a real browser alone
	$(BIN)/pytest -m browser $(T)

requirements: ## Which of the numbered requirements are proven by a test, fully or in part
	@$(PYTHON) -m tools.requirements

# ---- what the targets above are made of -------------------------------------------------------------------

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Huoji needs Python 3.11 or later: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install -q --require-hashes -r requirements.lock
	$(BIN)/pip install -q -e . --no-deps --no-build-isolation
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install -q --require-hashes -r requirements-dev.lock
	$(BIN)/pip install -q -e . --no-deps --no-build-isolation
	@touch $@ .venv/.run

# The styles and scripts of the pages; npm comes from a wheel where the machine has none.
node_modules/.stamp: package-lock.json | .venv/bin/python
	@command -v npm > /dev/null || $(BIN)/pip install -q --require-hashes -r requirements-node.lock
	PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# The same files hashed and compressed once, so that browsers keep them and phones load a tenth.
staticfiles/staticfiles.json: node_modules/.stamp .venv/.run $(STATIC)
	@$(BIN)/python -m django collectstatic --noinput --clear -v 0 --settings huoji.config.settings
	@touch $@

%.mo: %.po
	@$(BIN)/pybabel -q compile --use-fuzzy -i $< -o $@

.venv/.browser: | .venv/.dev
	@if [ ! -x /usr/bin/chromium ] && [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		(apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium) > .venv/chromium.txt 2>&1 || tail -3 .venv/chromium.txt; \
	fi
	@[ -x /usr/bin/chromium ] && touch $@ || echo "No /usr/bin/chromium: the browser tests are left out (install the package chromium to run them)."
