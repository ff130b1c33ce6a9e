# make demo: learn to draw garments, in minutes.  make test: every check.  make setup: only the environment.

PYTHON ?= python3
ACCELERATOR ?= cpu
PYTEST_ARGS ?=
WORKERS ?= 2
DEMO_RUN ?= runs/demo

ifeq ($(filter $(ACCELERATOR),cpu cuda12 cuda13),)
$(error ACCELERATOR is '$(ACCELERATOR)'; it can be cpu, cuda12 or cuda13)
endif

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(ACCELERATOR)
TEST_STAMP := $(VENV)/.installed-test

# pip leaves out the byte code (a third of the time of an installation) and Python writes what it comes to need.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK = 1
INSTALL := $(BIN)/python -m pip install --quiet --no-compile --prefer-binary
# Only tells whether a newer pyright exists, and would ask the network for it.
export PYRIGHT_PYTHON_IGNORE_WARNINGS = 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format clean
.DELETE_ON_ERROR:

help:  ## list the targets
	@awk -F ':.*##' '/^[a-z]+:.*##/ { printf "make %-8s%s\n", $$1, $$2 }' Makefile

setup: $(STAMP)  ## make .venv and install what training needs; ACCELERATOR=cpu, cuda12 or cuda13
	@echo "Ready: $(BIN)/python train.py fashion_dcgan"

demo: $(STAMP)  ## train a small GAN on real images and sample it, a few minutes on two CPU cores
	$(BIN)/python train.py fashion_dcgan --run-dir $(DEMO_RUN)
	$(BIN)/python sample.py $(DEMO_RUN) --num 80 --seed 0 --out $(DEMO_RUN)/samples.png
	@echo "Samples: $(DEMO_RUN)/samples.png   The same 80 latents while training: $(DEMO_RUN)/samples/"

test: lint  ## every check: style, types, tests; PYTEST_ARGS='-k resume' for some of them
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

lint: $(TEST_STAMP)  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(TEST_STAMP)  ## put the code in the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove .venv and the caches; runs/ stays
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "error: gen_jax needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo missing);" \
	    "name another: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 2; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

# The import says early whether the installation works, and leaves the byte code behind.
$(STAMP): requirements.txt pyproject.toml setup.py | $(BIN)/python
	@echo "Installing requirements.txt for $(ACCELERATOR): about a minute, and longer where the CUDA libraries come too"
	@$(INSTALL) -r requirements.txt -e . $(if $(filter cpu,$(ACCELERATOR)),,'jax[$(ACCELERATOR)]')
	@$(BIN)/python -c 'import jax, flax.linen, optax, orbax.checkpoint, grain, tyro, pydantic, tensorboardX, PIL.Image'
	@touch $@

$(TEST_STAMP): requirements-dev.txt $(STAMP)
	@echo "Installing requirements-dev.txt"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@
