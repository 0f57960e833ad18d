# `make demo` and `make test` work on a fresh machine with Python 3.11 or newer: tools/setup.sh fills .venv
# from the locked, hashed requirements and does nothing when nothing changed.
PY := .venv/bin/python

.PHONY: help demo test lint bench fuzz lock test-lowest clean distclean setup-demo setup-test setup-bench setup-fuzz

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: setup-demo ## play the demo show, on the sound card or else on the virtual device
	.venv/bin/showctl serve shows/demo --allow-missing

test: setup-test ## run all tests; make test ARGS="-k vamp" runs some
	$(PY) -m pytest $(ARGS)

lint: setup-test ## ruff check, ruff format --check, mypy --strict
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

bench: setup-bench ## measure against peers
	$(PY) -m bench $(ARGS)

fuzz: setup-fuzz ## throw a million bad inputs at all that speaks OSC; make fuzz ARGS="--runs 20000 datagrams"
	$(PY) -m tests.fuzz $(ARGS)

setup-demo setup-test setup-bench setup-fuzz: setup-%:
	@tools/setup.sh $*

lock: setup-demo ## write the requirements*.lock files anew; make lock ARGS=--upgrade takes newer versions
	@tools/lock.sh $(ARGS)

test-lowest: setup-test ## run the tests with the oldest versions that pyproject.toml allows
	@tools/test-lowest.sh $(ARGS)

clean: ## remove caches and build products
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## … and .venv, and what npm installed
	rm -rf .venv tests/*/npm/node_modules
