# Two commands: `make demo` shows the whole product, `make test` runs everything CI runs. Both set themselves up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SERVE ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench clean

help:
	@echo "make demo          the main job from upload to table, then the site on 127.0.0.1:8000"
	@echo "make demo SERVE=0  the same, ending with the tables"
	@echo "make test          lint, types, contracts, migrations, all tests"
	@echo "make lint          the first three of these"
	@echo "make bench         speed, each figure against a reference in the same run"

setup: $(READY)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with PYTHON=..."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $(READY)

demo: $(READY)
	rm -rf var/demo
	VERMILION_DATA=var/demo $(BIN)/python manage.py demo $(if $(filter 0,$(SERVE)),--no-serve)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(READY)
	BIN=$(BIN) ./tests/run.sh

bench: $(READY)
	$(BIN)/python -m training bench --widths 0.25 1 --compile

clean:
	rm -rf $(VENV) var build
