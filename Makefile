# The two commands of the README, and what they stand on. Everything is installed from the project's own files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test bench bench-quick faults check front clean

run: $(VENV)/.run ## start the desk with a demo workspace
	@exec $(BIN)/python -m supportdesk demo

test: $(VENV)/.dev browser compiler faces ## run all tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

bench: $(VENV)/.dev compiler ## measure the desk beside its peers
	@$(BIN)/python -m bench

bench-quick: $(VENV)/.dev compiler ## in five minutes: fewer peers and rounds, less data, wider spreads
	@$(BIN)/python -m bench --quick

faults: $(VENV)/.dev ## break everything that can break, and judge what became of it: half an hour, as root
	$(BIN)/python -m tests.faults --report faults.json $(FAULTS)

check: $(VENV)/.dev ## every guard but the tests
	.ci/guards

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Support Desk needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("Support Desk needs Python 3.11 or newer, and $(PYTHON) is %d.%d: name another with PYTHON=/path/to/python3.11." % sys.version_info[:2] if sys.version_info < (3, 11) else None)'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python lacks its module venv: install it (Debian: apt-get install python3-venv)."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run

.PHONY: browser
browser: ; @.ci/browser $(BIN)

.PHONY: compiler
compiler: ; @.ci/compiler

.PHONY: faces
faces: ; @.ci/faces

front: ## build the front-end bundles (needs Node; running does not)
	npm ci --silent && npm run build

clean:
	rm -rf $(VENV) node_modules build dist
