# One task runner lists every command: `make help`.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUN := $(VENV)/.run
DEV := $(VENV)/.dev
PEERS := $(VENV)/.peers
OUT ?= demo-report
PYTEST := $(BIN)/python -m pytest -q -n auto --dist worksteal
export MPLBACKEND := Agg
# The tests start Python a hundred times; what it compiled once it need not compile again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test test-slow test-all check format reference studies simulations golden bench bench-large pictures docs lock wheel clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

# The environment. A stamp records each step, so that a second call has nothing to do.
$(VENV)/.created:
	@python=$$(sh scripts/preflight.sh --python) && "$$python" -m venv $(VENV)
	@touch $@

$(RUN): $(VENV)/.created requirements.lock pyproject.toml
	@echo "Installing what vertebrisk needs into $(VENV) (once; a minute or two) ..."
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUN) requirements-dev.lock
	@echo "Installing what the tests need into $(VENV) (once) ..."
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

$(PEERS): $(DEV) requirements-bench.lock
	@echo "Installing what vertebrisk is measured beside into $(VENV) (once) ..."
	@$(PIP) install --quiet --require-hashes -r requirements-bench.lock
	@touch $@

demo: $(RUN)  ## run the embedded study, start to end
	@$(BIN)/vertebrisk demo --out $(OUT)

test: $(DEV)  ## run the tests (all but the slow ones)
	@$(PYTEST) -m "not slow"

test-slow: $(DEV)  ## run the slow tests: simulation, packaging, the built documentation
	@$(PYTEST) -m slow

test-all: test-slow test  ## run every test

check: $(DEV)  ## lint, format check and strict types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DEV)  ## format the code and repair what lint can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: $(RUN)  ## make the reference values anew (needs R and its packages)
	@sh tests/reference/make.sh
	@sh scripts/check_reproduce.sh

studies: $(RUN)  ## reconstruct the cohorts of the embedded studies anew, and compare each with its paper
	@PYTHON=$(BIN)/python sh scripts/studies.sh

simulations: $(DEV)  ## simulate studies with few events anew, and write their page (ten minutes)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.simulation

golden: $(DEV)  ## refresh the golden run of the whole pipeline (read the difference before you commit it)
	@$(BIN)/python -m tests.golden

bench: $(PEERS)  ## measure speed beside every peer that is installed, and the bounds of the machine
	@$(BIN)/python bench/run.py

bench-large: $(PEERS)  ## measure a hundred million patients from a file (says what disk it needs)
	@$(BIN)/python bench/large.py

pictures: $(RUN)  ## make the pictures of the documentation anew (needs chromium)
	@sh scripts/pictures.sh

docs: $(DEV)  ## build the documentation into docs/_build/html
	@$(BIN)/python -m sphinx -b html -W --keep-going -q docs docs/_build/html
	@echo "docs/_build/html/index.html"

lock:  ## make the lock files anew (needs uv)
	@sh scripts/lock.sh

wheel: $(DEV)  ## build the wheel and the source archive into dist
	@$(BIN)/python -m build --no-isolation

clean:  ## remove the environment and everything that was built
	rm -rf $(VENV) dist build demo-report docs/_build
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
	find src tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
