# Listdrop on this machine. `make help` lists the targets.

PORT ?= 4566
SEEDS ?= 10000
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header
# The first Python that runs and is new enough; 3.13 is what Lambda runs.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	echo $$python && break; done)
# The files are whole and hashed, so nothing is left to resolve.
PIP := python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps

.DEFAULT_GOAL := help
.PHONY: help setup demo up down test check bench simulate format build deploy lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.local .venv-engine/.installed ## Install what demo and up need, into .venv and .venv-engine

demo: setup ## Send 60 rows through the real stack to five simulated providers
	@.venv/bin/listdrop demo

up: setup ## Start Listdrop here and stay (PORT=4566)
	@.venv/bin/listdrop up --port $(PORT)

down: setup ## Stop what `make up` started (PORT=4566)
	@.venv/bin/listdrop down --port $(PORT)

test: .venv/.dev .venv-engine/.installed ## Run the tests: unit, contract, integration, end to end
	@.venv/bin/python -m pytest

check: .venv/.dev .venv-engine/.installed .venv-sam/.installed ## All gates, as CI runs them: format, lint, types, template, security, tests
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy layers/shared/listdrop local tests benchmarks
	for function in functions/*/app.py; do .venv/bin/mypy $$function || exit 1; done
	.venv/bin/cfn-lint
	.venv/bin/bandit --quiet --configfile pyproject.toml --recursive layers/shared functions local
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 .venv-sam/bin/sam validate --lint
	.venv/bin/python -m pytest

simulate: .venv/.dev ## Play the whole flow with faults, SEEDS times a provider (SEEDS=10000)
	@.venv/bin/python -m tests.simulation.run --seeds $(SEEDS)

bench: .venv/.dev ## Measure reading and planning against two references
	@.venv/bin/python -m benchmarks.reading

format: .venv/.dev ## Format the code
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

build: .venv-sam/.installed ## Build for AWS with SAM (needs python3.13 on the path)
	SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam build

deploy: build ## Deploy to AWS, asking what it needs to know
	SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam deploy --guided

lock: ## Pin the requirements anew, with hashes (needs uv)
	$(LOCK) layers/dependencies/requirements.in -o layers/dependencies/requirements.txt
	$(LOCK) -c layers/dependencies/requirements.txt requirements/local.in -o requirements/local.txt
	$(LOCK) -c requirements/local.txt requirements/dev.in -o requirements/dev.txt
	$(LOCK) requirements/engine.in -o requirements/engine.txt
	$(LOCK) requirements/sam.in -o requirements/sam.txt

clean: ## Remove everything that was installed or built here
	rm -rf .venv .venv-engine .venv-sam .aws-sam .listdrop .mypy_cache .pytest_cache .ruff_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Listdrop needs Python 3.11 or newer."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.local: .venv/bin/python requirements/local.txt pyproject.toml
	.venv/bin/$(PIP) -r requirements/local.txt
	.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.local requirements/dev.txt
	.venv/bin/$(PIP) -r requirements/dev.txt
	@touch $@

.venv-engine/.installed: requirements/engine.txt
	@test -n "$(PYTHON)" || { echo "Listdrop needs Python 3.11 or newer."; exit 1; }
	$(PYTHON) -m venv .venv-engine
	.venv-engine/bin/$(PIP) -r requirements/engine.txt
	@touch $@

.venv-sam/.installed: requirements/sam.txt
	$(PYTHON) -m venv .venv-sam
	.venv-sam/bin/$(PIP) -r requirements/sam.txt
	@touch $@
