# The two commands of the README are `make demo` and `make test`; `make help` lists all.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests start hundreds of processes; without byte code kept each compiles all that it imports anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check format bench chaos coverage coverage-code mutation parity docs system-deps constraints clean
.DEFAULT_GOAL := help

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Crossdock needs Python 3.11 or later; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "Python has no venv here; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all]' --group dev
	$(BIN)/python -m compileall -q -j 0 sdk plugins mocks
	@touch $@

demo: $(READY) ## Play one quote to cash and stay up to be looked at (ONCE=1 ends after it)
	$(BIN)/crossdock demo $(if $(ONCE),--once)

test: $(READY) ## Run all tests
	$(BIN)/pytest --numprocesses 3 --dist loadgroup $(ARGS)

check: $(READY) ## Format, lint, types, walls
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## Measure what DESIGN promises, as ratios in one run
	$(BIN)/python -m tests.bench $(ARGS)

chaos: $(READY) ## The long forms: kill workers under load and count the orders; whole real data
	$(BIN)/pytest -m "kill or full or realdata" --chaos -s $(ARGS) tests

coverage: $(READY) ## Record which tests reach which operation of which mock, then write docs/coverage.md
	$(BIN)/pytest -q --numprocesses 2 --dist loadgroup -p crossdock_mocks.proofs --proofs specs/proofs.json \
		tests/contract/*_mock tests/contract/connectors tests/contract/straight_through
	$(BIN)/python docs/generate.py

coverage-code: $(VENV)/.proof ## Measure which branches of the SDK the tests reach, in all their processes
	$(BIN)/coverage erase
	-$(BIN)/coverage run -m pytest -q --numprocesses 2 --dist loadgroup $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

mutation: $(VENV)/.proof ## Change the code of a room on purpose and see which tests notice (ROOM=rules)
	nice $(BIN)/python -m tests.mutation $(or $(ROOM),rules) $(ARGS)

$(VENV)/.proof: $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group proof
	@touch $@

parity: $(READY) ## Play the same stories on every ERP, a live Tryton too, and write docs/parity.md
	$(BIN)/python -m tests.parity

docs: $(READY) ## Write the reference pages of docs/ from the code, and build the site with search
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/build_site.py

system-deps: ## Install what the full test run needs besides Python (Debian)
	@sh tests/system-deps.sh

constraints: $(READY) ## Pin what is installed now
	$(BIN)/python -m pip freeze --exclude-editable | LC_ALL=C sort -f > constraints.txt

clean: ## Forget everything that was built
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
