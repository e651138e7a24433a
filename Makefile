# The commands of this repository; `make` alone lists them.
SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

LOCKED := $(shell cat pyproject.toml requirements.lock | sha256sum | cut -c1-16)
VENV := .venv/.installed-$(LOCKED)
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
SOURCES := services tests scripts benchmarks

.PHONY: help demo test check unit integration venv system up down status stubs lock clean

help: ## this list
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z%-]+):.*## /  make \1	/' | expand -t 22

demo: system $(VENV) ## install what is missing, start the system, one spoken request in real time, stop
	@$(PYTHON) -m duplexsla demo

test: system check $(VENV) ## everything that needs no accelerator, with real Triton, Redis and Kafka
	$(PYTEST) -m "not gpu" --durations=10

check: $(VENV) ## ruff, mypy, buf, who imports whom, stale stubs
	.venv/bin/ruff check $(SOURCES)
	.venv/bin/ruff format --check --quiet $(SOURCES)
	.venv/bin/mypy
	.venv/bin/buf lint
	$(PYTEST) -q tests/test_imports.py tests/test_stubs.py

unit: $(VENV) ## the tests that start no server
	$(PYTEST) -m "not gpu and not integration"

integration: system $(VENV) ## the tests with real servers
	$(PYTEST) -m "integration and not gpu"

bench-%: system $(VENV) ## % is action, engine, gateway, stack or triton: a table, then one line of JSON (ARGS="--help")
	@PYTHONPATH=services:. $(PYTHON) benchmarks/$*.py $(ARGS)

up: system $(VENV) ## start the system and leave it running
	@$(PYTHON) -m duplexsla up

down: $(VENV) ## stop it
	@$(PYTHON) -m duplexsla down

status: $(VENV) ## what runs, where, and whether it answers
	@$(PYTHON) -m duplexsla status

stubs: $(VENV) ## generate services/duplexsla/v1 from protos/
	scripts/stubs.sh services

lock: $(VENV) ## write requirements.lock from what is installed
	$(PYTHON) scripts/lock.py > requirements.lock.part && mv requirements.lock.part requirements.lock

clean: ## remove what tests and tools left; .venv and fetched servers stay
	rm -rf .cache/run .pytest_cache .ruff_cache .mypy_cache build dist services/*.egg-info
	find services tests -name __pycache__ -prune -exec rm -rf {} +

venv: $(VENV) ## .venv with everything of requirements.lock
system:
	@scripts/system-packages.sh

$(VENV):
	@scripts/venv.sh
	@rm -f .venv/.installed-* && touch $@
