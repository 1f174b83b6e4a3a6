# make run · make test · make check · make train · make experiments · make bench · make migrate · make up · make check-gpu
# CPU=1 takes torch's CPU build from PyTorch's own wheel index (on Linux the default build brings 3 GB of CUDA).

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA := $(or $(BGM_DATA_DIR),bgm-data)
PIP_INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
ifdef CPU
PIP_INSTALL += --extra-index-url https://download.pytorch.org/whl/cpu
endif

.DEFAULT_GOAL := help
.PHONY: help run test check format train experiments bench migrate up check-gpu clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/serving: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/development: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable '.[training,development]'
	@touch $(VENV)/serving $@

run: $(VENV)/serving ## install, prepare the database, put the demo library in on first start, serve
	@scripts/system-packages ffmpeg || echo "Going on without it: videos cannot be rendered, and previews not be made." >&2
	$(BIN)/bgm migrate
	@if $(BIN)/bgm is-new || [ -e "$(DATA)/demo-library.unfinished" ]; then $(MAKE) --no-print-directory demo; fi
	exec $(BIN)/bgm serve

.PHONY: demo
demo: $(VENV)/serving ## compose the demo library and import it
	@mkdir -p "$(DATA)" && touch "$(DATA)/demo-library.unfinished"
	$(BIN)/python -m training.demo_library "$(DATA)/demo-library"
	$(BIN)/bgm import "$(DATA)/demo-library" --csv "$(DATA)/demo-library/library.csv"
	@rm "$(DATA)/demo-library.unfinished"

migrate: $(VENV)/serving ## bring the database to the newest schema
	$(BIN)/bgm migrate

test: $(VENV)/development ## all tests; PostgreSQL, ffmpeg and Chromium are installed where that is allowed
	scripts/system-packages postgresql ffmpeg chromium
	$(BIN)/pytest

check: $(VENV)/development ## formatting, lint, types, and whether models and migrations agree
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && export BGM_DATA_DIR="$$folder" && \
	$(BIN)/alembic upgrade head && $(BIN)/alembic check

format: $(VENV)/development ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

train: $(VENV)/development ## make the starter checkpoint again, into runs/starter
	$(BIN)/python -m training.train starter_run --out runs/starter

experiments: $(VENV)/development ## the paper's tables and figures on procedural pairs, into training/REPORT.md
	$(BIN)/python -m training.experiment all --out runs/experiments --report training/REPORT.md

bench: $(VENV)/development ## every benchmark; results with the machine named are in benchmarks/README.md
	scripts/system-packages ffmpeg chromium
	$(BIN)/python -m benchmarks.sampling
	$(BIN)/python -m benchmarks.recommend_latency
	$(BIN)/python -m benchmarks.import_rate
	$(BIN)/python -m benchmarks.memory
	$(BIN)/python -m benchmarks.music_pages
	$(BIN)/python -m benchmarks.filtered_pages
	$(BIN)/python -m benchmarks.render
	$(BIN)/python -m benchmarks.page
	$(BIN)/python -m benchmarks.sections
	$(BIN)/python -m benchmarks.text_weight
	$(BIN)/python -m benchmarks.clip
	$(BIN)/python -m benchmarks.training_loop
	$(BIN)/python -m benchmarks.evaluation_memory
	$(BIN)/python -m benchmarks.youtube8m_rate
	$(BIN)/python -m benchmarks.convert_rate

check-gpu: $(VENV)/development ## compare CUDA with CPU embeddings and time both, where a GPU is at hand
	$(BIN)/python -m benchmarks.check_gpu

up: .secrets/initial-key ## the app with PostgreSQL in containers, on http://127.0.0.1:8000
	docker compose up --build --detach
	@echo "its first key, with all rights, is in .secrets/initial-key"

.secrets/initial-key:
	@mkdir -p -m 700 .secrets
	@head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n' | sed 's/^/bgm_/' > $@.tmp && echo >> $@.tmp && chmod 644 $@.tmp && mv $@.tmp $@

clean: ## forget the environment and the caches; data and runs stay
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache
