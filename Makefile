# The commands of this repository; `make` alone lists them.
SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

LOCKED := $(shell cat pyproject.toml requirements.lock | sha256sum | cut -c1-16)
VENV := .venv/.installed-$(LOCKED)
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
TINY := build/tiny
TINY_RUN := --corpus $(TINY)/corpus --out $(TINY)/nano --steps 24 --batch 6 --report-every 4 --save-every 24 --held 4
SOURCES := services lab loadtest model_repository helm tests scripts benchmarks deploy
PATHS := services:lab:loadtest:.

.PHONY: help demo test check train unit integration bench faults venv system up down status images cluster cluster-down cluster-test cluster-system stubs lock clean

help: ## this list
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z%-]+):.*## /  make \1	/' | expand -t 22

demo: system $(VENV) ## install what is missing, start the system, one spoken request in real time, stop
	@$(PYTHON) -m duplexsla demo

test: system check $(VENV) ## everything that needs no accelerator, with real Triton, Redis and Kafka
	$(PYTEST) -m "not gpu" --durations=10

check: $(VENV) ## ruff, mypy, buf (also against the newest release), who imports whom, stale stubs
	.venv/bin/ruff check $(SOURCES)
	.venv/bin/ruff format --check --quiet $(SOURCES)
	.venv/bin/mypy
	.venv/bin/buf lint
	.venv/bin/buf breaking --against protos/released.binpb
	$(PYTEST) -q tests/test_imports.py tests/test_stubs.py

unit: $(VENV) ## the tests that start no server
	$(PYTEST) -m "not gpu and not integration"

integration: system $(VENV) ## the tests with real servers
	$(PYTEST) -m "integration and not gpu"

bench: system $(VENV) ## 300 cases through the engine: accuracy, delay, tool calls; ends with one line of JSON (ARGS="--help")
	@$(PYTHON) -m duplexsla bench all --small $(ARGS)

faults: system $(VENV) ## faults in the middle of live calls: a table, then one line of JSON (ARGS="--list", ARGS="--soak 30m --seed 7")
	@PYTHONPATH=$(PATHS) $(PYTHON) -m tests.faults $(ARGS)

bench-%: system $(VENV) ## % is ablations, action, engine, gateway, stack or triton_batches: a table, then one line of JSON (ARGS="--help")
	@PYTHONSAFEPATH=1 PYTHONPATH=$(PATHS) $(PYTHON) benchmarks/$*.py $(ARGS)

train: system $(VENV) ## both stages of training in small, on data made here: some minutes; says whether it learned
	@echo "train 1/5: scenarios and replies for $(TINY)/corpus; what is there is kept (rm -r $(TINY) makes it anew)"
	@$(PYTHON) -m duplexsla_lab.data.corpus --out $(TINY)/corpus --scenarios 200 --held 28 --replies 120
	@echo "train 2/5: codes of the replies, by the codec that ships"
	@$(PYTHON) -m duplexsla_lab.training.reply_codes --corpus $(TINY)/corpus --codec model_repository/duplexsla/1
	@echo "train 3/5: stage 1 from random weights in $(TINY)/nano, always from the start (an earlier one is removed)"
	@rm -rf $(TINY)/nano
	@$(PYTHON) -m duplexsla_lab.training.duplex base $(TINY_RUN)
	@echo "train 4/5: stage 2 from stage 1"
	@$(PYTHON) -m duplexsla_lab.training.duplex post $(TINY_RUN)
	@echo "train 5/5: did the losses fall, do the weights load and decode?"
	@$(PYTHON) -m duplexsla_lab.training.smoke_check $(TINY)/nano

up: system $(VENV) ## start the system and leave it running
	@$(PYTHON) -m duplexsla up

down: $(VENV) ## stop it
	@$(PYTHON) -m duplexsla down

status: $(VENV) ## what runs, where, and whether it answers
	@$(PYTHON) -m duplexsla status

cluster-system:
	@scripts/system-packages.sh cluster

images: cluster-system $(VENV) ## build the container images with docker or buildah (ARGS="gateway --build-arg ...")
	@PYTHONPATH=$(PATHS) $(PYTHON) -m deploy.images.build $(ARGS)

cluster: cluster-system $(VENV) ## a real one-node Kubernetes on this machine; the first time builds it, about 18 minutes
	@PYTHONPATH=$(PATHS) $(PYTHON) -m deploy.cluster.up $(ARGS)

cluster-down: $(VENV) ## stop it; nothing is left
	@PYTHONPATH=$(PATHS) $(PYTHON) -m deploy.cluster.down

cluster-test: cluster-system $(VENV) ## the chart on it, with live calls: rolled, killed, scaled, upgraded (ARGS="--short" or names)
	@PYTHONPATH=$(PATHS) $(PYTHON) -m deploy.images.build --save
	@PYTHONPATH=$(PATHS) $(PYTHON) -m deploy.cluster.test $(ARGS)

stubs: $(VENV) ## generate services/duplexsla/v1 from protos/
	scripts/stubs.sh services

lock: $(VENV) ## write requirements.lock from what is installed
	$(PYTHON) scripts/lock.py > requirements.lock.part && mv requirements.lock.part requirements.lock

clean: ## remove what tests and tools left; .venv and fetched servers stay
	rm -rf .cache/run .pytest_cache .ruff_cache .mypy_cache build dist *.egg-info
	find services tests -name __pycache__ -prune -exec rm -rf {} +

venv: $(VENV) ## .venv with everything of requirements.lock
system:
	@scripts/system-packages.sh

$(VENV):
	@scripts/venv.sh
	@rm -f .venv/.installed-* && touch $@
