# Listdrop on this machine. `make help` lists the targets.

PORT ?= 4566
STACK ?= $(or $(LISTDROP_STACK),listdrop)
SEEDS ?= 10000
SECONDS ?= 60
PROVIDER ?= kakiyo
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header
# The first Python of several that runs and is new enough.
FIRST = $(shell for python in $(1); do \
	$$python -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	echo $$python && break; done)
PYENV := $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions
# 3.13 is what Lambda runs. So everything is tested on it, wherever it is.
PYTHON ?= $(call FIRST,python3.13 $(wildcard $(PYENV)/3.13.*/bin/python3.13) python3.12 python3.11 python3)
# The oldest that people may run Listdrop with.
OLDEST ?= $(call FIRST,python3.11 $(wildcard $(PYENV)/3.11.*/bin/python3.11))
# The files are whole and hashed, so nothing is left to resolve. Python compiles what it imports.
PIP := python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile
# Makes an environment. The pip that comes with Python takes twice as long as this one.
VENV = $(PYTHON) -m venv $(1) && $(1)/bin/$(PIP) -r requirements/pip.txt

# What checks the template; two of them come by npm.
SCANNERS := .venv-scan/.installed $(if $(shell command -v npm 2>/dev/null),.node/.installed)

# Where the package has cfn-guard for this machine; "ubuntu" is its word for Linux.
GUARD_SYSTEM = $(if $(filter Darwin,$(shell uname -s)),macos,ubuntu)/$(if $(filter arm64 aarch64,$(shell uname -m)),aarch64,x86_64)

# Without what Python has compiled, each process of the tests would compile it again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: fuzz help lint setup demo up down test test-all test-whole test-simulation test-browser test-parts test-unit test-oldest test-provider soak mutants check scan sbom release bench bench-quick bench-whole pictures simulate format build deploy smoke lock clean clean-data

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.local .venv-engine/.installed ## Install what demo and up need, into .venv and .venv-engine

demo: setup ## Send 60 rows through the real stack to five simulated providers
	@.venv/bin/listdrop demo

up: setup ## Start Listdrop here and stay; its data lasts between runs (PORT=4566)
	@.venv/bin/listdrop up --port $(PORT)

down: setup ## Stop what `make up` started (PORT=4566)
	@.venv/bin/listdrop down --port $(PORT)

test: export SEEDS := 200
test: export WHICH := not soak and not slow
test: .venv/.dev .venv-engine/.installed ## Run the tests, but for those that are slow and rarely fail
	@$(TESTS)

test-all: export SEEDS := 7000
test-all: .venv/.dev .venv-engine/.installed
	@$(TESTS) test-oldest

# Each suite is a process, side by side with the others: those that take longest have precedence.
TESTS = $(MAKE) --no-print-directory --jobs=4 --output-sync=target \
	test-whole test-simulation test-browser test-unit test-parts
PYTEST = .venv/bin/python -m pytest -q -m "$(WHICH)"
WHICH ?= not soak

# Waits at times, so all else has the time that is left.
test-whole: .venv/.dev .venv-engine/.installed
	@$(PYTEST) tests/e2e -n 3 --dist loadgroup

test-simulation: .venv/.dev
	@nice -n 3 $(PYTEST) tests/simulation

test-browser: .venv/.dev .venv-engine/.installed
	@nice -n 10 $(PYTEST) tests/browser tests/engine

test-parts: .venv/.dev
	@nice -n 10 $(PYTEST) tests/packaging tests/providers tests/cases tests/fuzz

test-unit: .venv/.dev
	@nice -n 6 $(PYTEST) tests/unit

# Only where all else is tested on a newer one.
test-oldest: .venv/.dev $(if $(OLDEST),.venv-oldest/.dev) ## Run the unit tests on Python 3.11, the oldest that Listdrop runs on, if it is here
	@if [ -z "$(OLDEST)" ]; then echo "Python 3.11 is not here, so nothing is tested on it."; \
	elif .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] > (3, 11))'; then :; \
	else nice -n 10 .venv-oldest/bin/python -m pytest -q -m "not soak and not slow" tests/unit; fi

test-provider: .venv/.dev ## Run the tests of one provider, and those that list providers (PROVIDER=kakiyo)
	@.venv/bin/python -m pytest -q tests/providers/test_$(PROVIDER).py tests/unit/test_architecture.py \
		tests/unit/models/test_models.py tests/unit/test_template.py

soak: .venv/.dev .venv-engine/.installed ## What a gate has no time for: a week on the engine, other seeds, each right taken away, mutants; about two hours
	@.venv/bin/python -m pytest tests/soak tests/e2e tests/simulation tests/browser -m soak -q
	@THOROUGH=1 .venv/bin/python -m pytest tests/unit tests/browser tests/engine tests/packaging -q
	@.venv/bin/python -m tests.simulation.run --first 10000 --seeds $(SEEDS)
	@$(MAKE) --no-print-directory mutants

mutants: .venv/.dev .venv-engine/.installed ## Plant mistakes in the code, one by one, and see that the tests catch them
	@nice -n 10 .venv/bin/python -m tools.mutants

# Side by side, as each is an environment of its own.
check: ## All gates, as CI runs them: format, lint, types, template, fuzzing, security, speed, every test
	@$(MAKE) --no-print-directory -j4 .venv/.dev .venv-engine/.installed .venv-sam/.installed $(SCANNERS) \
		$(if $(OLDEST),.venv-oldest/.dev)
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint scan
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target bench-quick fuzz
	$(MAKE) --no-print-directory test-all

lint: .venv/.dev ## The gates for style and types
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy layers/shared/listdrop listdrop_cli local tools tests functions/*/app.py

# W1020: a loop leaves some Fn::Sub without a variable, as CloudFormation's own expansion does.
# W7001: where a loop is expanded, what it looks up in a mapping is, too.
scan: .venv/.dev .venv-sam/.installed $(SCANNERS) ## The gates for security: template, workflow, code, secrets
	AWS_DEFAULT_REGION=us-east-1 .venv-sam/bin/python -m tools.expanded .listdrop/expanded
	.venv/bin/cfn-lint
	.venv/bin/cfn-lint --template .listdrop/expanded/template.json --ignore-checks W1020 W7001
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 .venv-sam/bin/sam validate --lint
	.venv-scan/bin/checkov --config-file .checkov.yaml --file template.yaml .listdrop/expanded/template.json
	.ci/guard
	.venv/bin/bandit --quiet --configfile pyproject.toml --recursive layers/shared functions listdrop_cli local
	.ci/secrets
	$(MAKE) --no-print-directory sbom

# Of what runs in Lambda, and nothing else: what is installed here for tests is not released.
sbom: .venv/.dev ## Write the bills of materials of a release, dist/*.cdx.json (CycloneDX)
	@mkdir -p dist
	.venv/bin/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml --mc-type application \
		--validate --output-file dist/listdrop.cdx.json layers/dependencies/requirements.txt
	.venv/bin/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml --mc-type application \
		--validate --output-file dist/listdrop-dashboard.cdx.json layers/web/requirements.txt

# Hatchling writes the same bytes from the same files.
release: .venv/.dev ## Build a release into dist/: wheel, sdist, bills of materials
	@grep -q '^## \[$(VERSION)\] - ' CHANGELOG.md || { echo "CHANGELOG.md has no $(VERSION)." >&2; exit 1; }
	@rm -f dist/listdrop-*
	.venv/bin/python -m build --no-isolation --outdir dist .
	@$(MAKE) --no-print-directory sbom

fuzz: .venv/.dev ## Read mutated uploads and answers for SECONDS, with a fixed seed and a fresh one (SECONDS=60)
	@.venv/bin/python -m tests.fuzz.run --seconds $(SECONDS)

simulate: .venv/.dev ## Play the whole flow with faults, SEEDS times a provider (SEEDS=10000)
	@.venv/bin/python -m tests.simulation.run --seeds $(SEEDS)

pictures: .venv/.dev .venv-engine/.installed ## Retake the pictures of the dashboard in the README (needs Chromium)
	@.venv/bin/python -m tools.pictures

bench: .venv/.dev .venv-engine/.installed ## Measure every stage in 5 to 15 minutes, and write docs/performance.md
	@.venv/bin/python -m tools.benchmarks.suite

bench-whole: .venv/.dev ## The same of the largest jobs and of hostile files, in a quarter of an hour
	@.venv/bin/python -m tools.benchmarks.suite --whole

bench-quick: .venv/.dev ## Compare the speed of every stage with what was measured before, in a minute
	@.venv/bin/python -m tools.benchmarks.quick

format: .venv/.dev ## Format the code
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

build: .venv-sam/.installed ## Build for AWS with SAM (needs python3.13 on the path)
	SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam build

deploy: .venv/.dev .venv-sam/.installed ## Deploy to AWS, asking what it needs to know (STACK=listdrop)
	@SAM_CLI_TELEMETRY=0 .venv/bin/python -m tools.deploying --stack $(STACK)

# A change set that is not executed has AWS look at the template, and changes nothing.
smoke: .venv/.dev build ## Check a deployed stack for ten minutes, sending nothing to providers (STACK=listdrop)
	SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam deploy --stack-name $(STACK) --no-execute-changeset \
		--no-confirm-changeset --no-fail-on-empty-changeset
	@.venv/bin/python -m tools.smoke --stack $(STACK)

lock: ## Re-pin the requirements, with hashes (needs uv and npm)
	$(LOCK) layers/dependencies/requirements.in -o layers/dependencies/requirements.txt
	$(LOCK) -c layers/dependencies/requirements.txt layers/web/requirements.in -o layers/web/requirements.txt
	$(LOCK) -c layers/dependencies/requirements.txt -c layers/web/requirements.txt requirements/local.in -o requirements/local.txt
	$(LOCK) -c requirements/local.txt requirements/dev.in -o requirements/dev.txt
	$(LOCK) requirements/pip.in -o requirements/pip.txt
	$(LOCK) requirements/engine.in -o requirements/engine.txt
	$(LOCK) requirements/sam.in -o requirements/sam.txt
	$(LOCK) requirements/scan.in -o requirements/scan.txt
	cd requirements/node && npm install --package-lock-only --ignore-scripts --no-audit --no-fund

clean-data: setup ## Stop what `make up` started, and delete its data (PORT=4566)
	@.venv/bin/listdrop down --port $(PORT) --forget

clean: ## Remove everything that was installed, built or kept here, data of `make up` included
	rm -rf .venv .venv-oldest .venv-engine .venv-sam .venv-scan .node .aws-sam .listdrop dist .mypy_cache .pytest_cache .ruff_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Listdrop needs Python 3.11 or newer."; exit 1; }
	$(call VENV,.venv)

.venv-oldest/bin/python: PYTHON = $(OLDEST)
.venv-oldest/bin/python:
	$(call VENV,.venv-oldest)

.PRECIOUS: %/.local
%/.local: %/bin/python requirements/local.txt pyproject.toml
	$*/bin/$(PIP) -r requirements/local.txt
	$*/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

%/.dev: %/.local requirements/dev.txt
	$*/bin/$(PIP) -r requirements/dev.txt
	@touch $@

.venv-engine/.installed: requirements/engine.txt
	@test -n "$(PYTHON)" || { echo "Listdrop needs Python 3.11 or newer."; exit 1; }
	$(call VENV,.venv-engine)
	.venv-engine/bin/$(PIP) -r requirements/engine.txt
	@touch $@

.venv-sam/.installed: requirements/sam.txt
	$(call VENV,.venv-sam)
	.venv-sam/bin/$(PIP) -r requirements/sam.txt
	@touch $@

.venv-scan/.installed: requirements/scan.txt
	$(call VENV,.venv-scan)
	.venv-scan/bin/$(PIP) -r requirements/scan.txt
	@touch $@

.node/.installed: requirements/node/package-lock.json requirements/node/.npmrc
	mkdir -p .node
	cp requirements/node/package.json requirements/node/package-lock.json requirements/node/.npmrc .node/
	cd .node && npm ci --silent --ignore-scripts --no-audit --no-fund
	ln -sf node_modules/@cdklabs/cdk-validator-cfnguard/bin/$(GUARD_SYSTEM)/cfn-guard .node/cfn-guard
	@touch $@
