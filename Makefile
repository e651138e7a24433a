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
NO_SERVER := not gpu and not integration and not conformance
UNIT := $(NO_SERVER) and not slow
SERVERS := integration and not gpu and not conformance
SOURCES := services lab loadtest model_repository helm tests scripts benchmarks deploy
PATHS := services:lab:loadtest:.

.PHONY: help demo unit test conformance faults check integration train bench chart-tools venv system up down status images cluster cluster-down cluster-test cluster-system stubs configuration lock clean

help: ## this list
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z%-]+):.*## /  make \1	/' | expand -t 22

demo: system $(VENV) ## install what is missing, start the system, one spoken request, stop (ARGS="--home-assistant URL --token-file FILE")
	@$(PYTHON) -m duplexsla demo $(ARGS)

unit: $(VENV) ## the inner loop: what starts no server, on two workers; about two minutes
	$(PYTEST) -q -n 2 --dist loadfile --hypothesis-profile=unit -m "$(UNIT)" $(ARGS)

test: system check chart-tools $(VENV) ## everything that needs no accelerator, with real Triton, Redis and Kafka
	$(PYTEST) -q -n 2 --dist worksteal -m "$(NO_SERVER)" --durations=10 $(ARGS)
	$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -m "$(SERVERS)" --durations=10 $(ARGS)

conformance: system $(VENV) ## real clients, devices and hubs against the service, each in an environment of its own
	@$(PYTEST) -q -m conformance $(ARGS)

check: $(VENV) ## ruff, mypy, buf (also against the newest release), imports, names, the tree, stale stubs
	.venv/bin/ruff check $(SOURCES)
	.venv/bin/ruff format --check --quiet $(SOURCES)
	.venv/bin/mypy
	.venv/bin/buf lint
	.venv/bin/buf breaking --against protos/released.binpb
	$(PYTEST) -q tests/test_imports.py tests/test_names.py tests/test_tree.py tests/test_mirror.py tests/test_stubs.py

integration: system $(VENV) ## the tests with real servers alone
	$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -m "$(SERVERS)" $(ARGS)

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

configuration: $(VENV) ## write docs/configuration.md from the table of settings
	@PYTHONPATH=$(PATHS) $(PYTHON) -m duplexsla.runtime.configuration

stubs: $(VENV) ## generate services/duplexsla/v1 from protos/
	scripts/stubs.sh services

lock: $(VENV) ## write requirements.lock for pyproject.toml; newer versions only with ARGS=--upgrade
	.venv/bin/uv pip compile pyproject.toml --all-extras --generate-hashes --no-emit-index-url --quiet \
		--python-version 3.11 --python-platform x86_64-manylinux_2_36 --custom-compile-command "make lock" \
		--output-file requirements.lock $(ARGS)

clean: ## remove what tests and tools left; .venv and what was fetched into ~/.cache/duplexsla stay
	rm -rf .cache .pytest_cache .ruff_cache .mypy_cache .hypothesis build dist *.egg-info services/*.egg-info
	find $(SOURCES) -name __pycache__ -prune -exec rm -rf {} +

# helm, kubeconform and promtool, without which the chart's tests are skipped; from Go modules, once a machine.
chart-tools: $(VENV)
	@if command -v go >/dev/null; then $(PYTHON) -m deploy.cluster.binaries helm kubeconform promtool; \
	else echo "no Go on this machine: the chart's tests are skipped, and say so"; fi

venv: $(VENV) ## .venv with what requirements.lock has for development
system:
	@scripts/system-packages.sh

$(VENV):
	@scripts/venv.sh
	@rm -f .venv/.installed-* && touch $@
