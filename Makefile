# Each target sets up all that it needs, from a bare clone: an environment in .venv, nothing elsewhere.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: demo test lint bench clean

demo: $(VENV)/ready
	@$(BIN)/deskbridge demo $(ARGS)

test: $(VENV)/ready-dev
	@sh scripts/need-chromium
	@sh scripts/need-request-tracker
	@sh scripts/need-django-helpdesk "$(PYTHON)"
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 $(ARGS)

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/ready-dev
	@$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf $(VENV) .venv-helpdesk var

$(VENV)/bin/python:
	@sh scripts/make-environment "$(PYTHON)" "$(VENV)"

$(VENV)/ready: $(VENV)/bin/python pyproject.toml requirements.lock
	@echo "Installing Deskbridge into $(VENV) (once, about a minute) ..."
	@sh scripts/install $(VENV) embedded
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready
	@sh scripts/install $(VENV) embedded,dev
	@touch $@
