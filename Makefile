# The commands of this repository; `make` alone lists them.
SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

LOCKED := $(shell cat pyproject.toml requirements.lock | sha256sum | cut -c1-16)
VENV := .venv/.installed-$(LOCKED)
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
TINY := build/tiny
TINY_RUN := --steps 30 --batch 12 --report-every 5 --save-every 30
SOURCES := services tests scripts benchmarks

.PHONY: help demo test check train unit integration bench venv system up down status stubs lock clean

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

bench: system $(VENV) ## 300 cases through the engine: accuracy, delay, tool calls; ends with one line of JSON (ARGS="--help")
	@$(PYTHON) -m duplexsla bench all --small $(ARGS)

bench-%: system $(VENV) ## % is action, engine, gateway, stack or triton: a table, then one line of JSON (ARGS="--help")
	@PYTHONPATH=services:. $(PYTHON) benchmarks/$*.py $(ARGS)

train: system $(VENV) ## both stages of training in small, on data made here: some minutes; says whether it learned
	$(PYTHON) -m duplexsla.data.corpus --out $(TINY)/corpus --scenarios 400 --held 70 --replies 300
	$(PYTHON) -m duplexsla.training.reply_codes --corpus $(TINY)/corpus --codec model_repository/duplexsla/1
	$(PYTHON) -m duplexsla.training.duplex base --corpus $(TINY)/corpus --out $(TINY)/nano $(TINY_RUN)
	$(PYTHON) -m duplexsla.training.duplex post --corpus $(TINY)/corpus --out $(TINY)/nano $(TINY_RUN)
	$(PYTHON) -m duplexsla.training.proof $(TINY)/nano

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
