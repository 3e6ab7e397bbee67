# The few commands a person needs; each builds its environment first, when that is missing or stale.

PYTHON ?= python3
PORT ?= 8000
# One process a core: the suite is mostly waiting for databases and child processes.
PYTEST_ARGS ?= -n auto
BENCH_ARGS ?=
UV ?= uv

VENV := .venv
BIN := $(VENV)/bin
# Nobody's own .env decides what a demo, a test or a benchmark does.
NEUTRAL := env -u DJANGO_SETTINGS_MODULE ENV_FILE=

.PHONY: help run test bench lint format requirements clean

help:
	@echo "make run           a working demo on port $(PORT) (PORT=… for another)"
	@echo "make test          the whole test suite (REQUIRE_ALL=1: a part that is missing is a failure)"
	@echo "make bench         the benchmark table"
	@echo "make lint          style and types"
	@echo "make format        lay the code out"
	@echo "make requirements  pin the dependencies anew (needs uv)"
	@echo "make clean         remove what was built; data under var/ stays"

# An environment whose interpreter is gone (moved, or upgraded away) is as good as none.
ifeq ($(shell $(BIN)/python -c 'print(1)' 2>/dev/null),)
.PHONY: $(VENV)/run.stamp $(VENV)/dev.stamp
endif

define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing $(1) into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	@touch $@
endef

$(VENV)/run.stamp: requirements.txt
	$(call install,$<)

$(VENV)/dev.stamp: requirements-dev.txt
	$(call install,$<)

run: $(VENV)/run.stamp
	@$(NEUTRAL) DEBUG=on PORT=$(PORT) $(BIN)/python manage.py run_demo

# Twice: embedded SQLite, then PostgreSQL on a server of the run's own. The second runs even if the first fails.
test: $(VENV)/dev.stamp
	@status=0; \
	$(NEUTRAL) $(BIN)/python -m pytest --database=sqlite $(PYTEST_ARGS) || status=1; \
	$(NEUTRAL) $(BIN)/python -m pytest --database=postgresql $(PYTEST_ARGS) || status=1; \
	exit $$status

bench: $(VENV)/dev.stamp
	@$(NEUTRAL) $(BIN)/python -m bench $(BENCH_ARGS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(NEUTRAL) DEBUG=on $(BIN)/mypy .

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

PIN = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make requirements" pyproject.toml

requirements:
	$(PIN) -o requirements.txt
	$(PIN) --extra dev --constraint requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) staticfiles build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
