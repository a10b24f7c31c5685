# E-Mobility Platform: `make up` shows it, `make test` proves it.

PYTHON_ENV := .venv/bin/python
COMPOSE = $(shell if docker compose version >/dev/null 2>&1; then echo docker compose; else echo docker-compose; fi)
IMAGE ?= emobility-platform

.DEFAULT_GOAL := help
.PHONY: help up run registry registry-test registry-logs test test-unit test-integration test-all test-coverage \
	lint fmt lock bench campaign build docker-up docker-logs docker-down clean deps setup setup-dev

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-18s %s\n", $$1, $$2}'

up: setup  ## set up and run everything here, with a demo; PORT=, REGISTRY_API_PORT=, HOST=, DEMO=0
	@exec $(PYTHON_ENV) manage.py up

run: setup  ## like up, without the demo fleet
	@DEMO=0 exec $(PYTHON_ENV) manage.py up

registry: setup  ## run the Registry alone
	@DEMO=0 FACE=registry exec $(PYTHON_ENV) manage.py up

registry-test:  ## walk through the calls of the Registry that is running (REGISTRY_URL=, CENTRAL_URL=)
	@scripts/registry_test.sh

registry-logs:  ## follow the Registry's log
	@scripts/registry_logs.sh

test: setup-dev  ## lint, types, contracts and all tests (PostgreSQL and Redis too where they are found)
	@$(PYTHON_ENV) -m scripts.run_tests

test-unit: setup-dev  ## tests without sockets, processes and browsers
	@$(PYTHON_ENV) -m scripts.run_tests sqlite -m "not integration and not browser and not slow"

test-integration: setup-dev  ## tests that cross sockets, processes, services, browsers
	@$(PYTHON_ENV) -m scripts.run_tests sqlite services -m "integration or browser or postgres or redis or slow"

test-all: setup-dev  ## all tests, without lint
	@$(PYTHON_ENV) -m scripts.run_tests sqlite services

test-coverage: setup-dev  ## all tests on SQLite with coverage, as HTML in var/coverage
	@$(PYTHON_ENV) -m scripts.run_tests sqlite --coverage

lint: setup-dev  ## form, faults, directions of imports, types, checks for production
	@$(PYTHON_ENV) -m scripts.run_tests lint deploy

fmt: setup-dev  ## bring the code into form
	@$(PYTHON_ENV) -m ruff check --fix-only --quiet . && $(PYTHON_ENV) -m ruff format .

lock: setup-dev  ## resolve pyproject.toml anew into the locks
	@scripts/lock.sh

bench: setup-dev  ## measure the OCPP path against a reference, lists of REST, and OCPI (PostgreSQL)
	@$(PYTHON_ENV) -m benchmarks; status=$$?; $(PYTHON_ENV) -m benchmarks.rest || status=1; \
		$(PYTHON_ENV) -m benchmarks.ocpi && exit $$status

campaign: setup-dev  ## kill, flood, starve and replay for minutes (RUNS=full: hours; ONLY=F1,T4; SEED=)
	@$(PYTHON_ENV) -m scripts.campaign

build:  ## build the image
	@docker build --tag $(IMAGE) .

docker-up: setup  ## run the production shape in containers (COMPOSE_PROFILES=demo adds charge points)
	@scripts/dev_certs.sh && $(COMPOSE) up --detach --build

docker-logs:  ## follow the containers' logs
	@$(COMPOSE) logs --follow --tail 100

docker-down:  ## stop the containers; their data stays
	@$(COMPOSE) down

clean:  ## remove what tools made; keeps .env and the data in var
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.* \
		build dist var/coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

deps: setup-dev  ## install what running, testing and checking need

setup:
	@scripts/bootstrap --env

setup-dev:
	@scripts/bootstrap --dev
