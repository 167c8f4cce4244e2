# Two commands to begin with: `make demo` and `make test`. `make` alone lists them all.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := radar crawler classifier store datasette_config
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo run test check lint types format lock clean
help:
	@echo 'make demo    crawl the bundled sample press and serve the archive on http://127.0.0.1:8001'
	@echo 'make test    run the whole test suite'
	@echo 'make run     the live catalogue on schedule, with the site'
	@echo 'make check   what CI runs: lint, types, tests'
	@echo 'make lock    pin the dependencies anew after a change in pyproject.toml'

demo: $(VENV)/runtime
	@$(BIN)/radar demo

run: $(VENV)/runtime
	@$(BIN)/radar run

test: $(VENV)/development
	@$(BIN)/python -m pytest -n auto --dist loadfile --durations 15 --cov --cov-report=term

check: lint types test

lint: $(VENV)/development
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/development
	@$(BIN)/mypy

format: $(VENV)/development
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

# The locks hold hashes for every platform and Python from 3.11; no address of any registry.
lock: $(VENV)/python
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate -o requirements.lock pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --extra dev \
		-c requirements.lock -o requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) demo-data build *.egg-info

$(VENV)/python:
	@test -n '$(PYTHON)' || { echo 'Kommunalradar needs Python 3.11 or newer; none was found.' \
		'Install it, or name it: make demo PYTHON=/path/to/python3' >&2; exit 1; }
	@echo 'Creating the environment in $(VENV) with $(PYTHON) …'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo 'The module venv is missing or broken;' \
		'on Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@touch $@

$(VENV)/runtime: requirements.lock pyproject.toml | $(VENV)/python
	@$(call install,requirements.lock)

$(VENV)/development: requirements-dev.lock pyproject.toml | $(VENV)/python
	@$(call install,requirements-dev.lock) && touch $(VENV)/runtime

# The locks are complete, so pip need not resolve anything (--no-deps: half the time); modules are
# compiled when first imported.
define install
echo 'Installing the pinned dependencies of $(1) …' && \
$(BIN)/python -m pip install --quiet --no-input --no-compile --no-deps \
	--require-hashes -r $(1) || { \
	echo 'The dependencies could not be installed: is there a network? Nothing is broken;' \
	'run the same command again.' >&2; exit 1; } ; \
PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable . && touch $@
endef
