# `make serve` and `make test` do the whole set-up themselves in .venv; both may be repeated.
PYTHON ?= python3
PIP_FLAGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PORT ?= 5006
BENCH ?= all

.DEFAULT_GOAL := help
.PHONY: help setup serve test check bench docs lock clean

help: ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 16

setup: $(READY) ## install everything into .venv

$(READY): requirements/dev.txt requirements/torch.txt pyproject.toml
	@echo "== setting up $(VENV) (once; some minutes)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Benzer Lab needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=24'
	@echo "== torch (Linux's default wheel is several GB; PIP_FLAGS can point pip at CPU wheels)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -r requirements/torch.txt
	@echo "== libraries, pinned and hashed"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) --require-hashes --no-deps -r requirements/dev.txt
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) --no-deps --no-build-isolation --editable .
	@touch $(READY)

serve: $(READY) ## open the search page at http://localhost:5006/search, with the sample archive if there is no other
	@echo "== http://localhost:$(PORT)/search (Ctrl-C ends it)"
	@$(BIN)/benzer serve --port $(PORT)

check: $(READY) ## ruff, mypy, docstrings, spelling
	@echo "== ruff, mypy, numpydoc, codespell"
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m numpydoc.hooks.validate_docstrings $$(git ls-files 'benzer_lab/*.py')
	@$(BIN)/codespell $$(git ls-files '*.py' '*.md' '*.toml' '*.js' '*.css')

test: check ## everything that must hold: checks, then tests (those that need a tool you lack are skipped with the reason)
	@echo "== pytest"
	@$(BIN)/python -m pytest $(PYTEST_FLAGS)
	@echo "== notebooks"
	@$(BIN)/python -m pytest -q --nbmake --nbmake-timeout=600 notebooks

bench: $(READY) ## compare scikit-learn, Faiss and Benzer Lab on this machine, into build/timings (BENCH="search --size 10000")
	@$(BIN)/benzer bench $(BENCH) --out build/timings

lock: ## write requirements/dev.txt anew from pyproject.toml
	@$(BIN)/python -m piptools compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --resolver=backtracking --extra dev --extra dashboards --extra features --extra maps --unsafe-package torch --constraint requirements/torch.txt \
	  --output-file requirements/dev.txt pyproject.toml

clean: ## remove .venv and caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
