# make build   everything, on the demo shop or on RAW_DIR, into the warehouse and published/
# make dashboard   the page that leaders open, from what was published: published/dashboard.html
# make lint    the style of SQL and Python
# make test    the tests on the demo shop and the real one
# make test-spark    a small shop and the demo's on Spark, in one process and on a cluster, equal to DuckDB's (Java 17); ONLY=part: a part of the small shop
# make proof   the long tests: every area in depth, faults, and defects made on purpose
# make soak    faults by the hundred (hours), then mutation, with their figures in docs/reliability.md
# make mutation    mistakes made in the SQL of every model: which ones no test notices, with the score in docs/reliability.md
# make benchmark   whole builds of growing size against the same SQL without dbt (hours), with their figures in docs/performance.md
#
#   make build RAW_DIR=path/to/tables VARS='{"missing_tables": ["leads"], "reporting_currency": "GBP"}'

PYTHON ?= python3.11
VENV := .venv
VARS ?= {}
export DBT_SEND_ANONYMOUS_USAGE_STATS := 0
ifdef RAW_DIR
export RAW_DIR
endif

.PHONY: build dashboard lint test test-spark proof soak mutation benchmark docs clean

build: $(VENV)/built
	$(VENV)/bin/python -m harness build --vars '$(VARS)'
	$(VENV)/bin/python -m harness publish
	@echo "Next: make dashboard, or open published/ecommerce_kpis.duckdb and ask it for kpi_values, or read docs/bring_your_own_data.md."

dashboard: $(VENV)/drawn
	$(VENV)/bin/python -m harness dashboard --vars '$(VARS)'

lint: $(VENV)/tested
	$(VENV)/bin/ruff check harness kpi_models tests
	$(VENV)/bin/sqlfluff lint models tests/singular analyses

test: $(VENV)/tested
	$(VENV)/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not slow and not spark'

test-spark: $(VENV)/sparked
	$(VENV)/bin/pytest -s -m spark -k '$(ONLY)'

proof: $(VENV)/tested
	$(VENV)/bin/pytest -n 2 --dist loadfile -m slow

soak: export SOAK_FIGURES := $(CURDIR)/target/soak.jsonl
soak: $(VENV)/tested
	mkdir -p target && rm -f $(SOAK_FIGURES)
	KILLS=$${KILLS:-200} FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-1000} REPLAYED_STOPS=$${REPLAYED_STOPS:-500} $(VENV)/bin/pytest -n 2 --dist loadfile -m slow \
		tests/python/test_fuzz.py tests/python/test_increments.py tests/python/test_crashes.py tests/python/test_publish.py
	$(VENV)/bin/python -m harness reliability
	$(MAKE) mutation

mutation: export SOAK_FIGURES := $(CURDIR)/target/mutation.jsonl
mutation: $(VENV)/tested
	rm -rf target/mutation $(SOAK_FIGURES)
	$(VENV)/bin/python -m tests.python.mutation --figures target/mutation.json; result=$$?; \
		$(VENV)/bin/python -m harness reliability && exit $$result

SCALES ?= 0.164,1,4,16,64,164
benchmark: $(VENV)/tested
	$(VENV)/bin/python -m harness benchmark attribution
	$(VENV)/bin/python -m harness benchmark forecast
	$(VENV)/bin/python -m harness benchmark scale --scales $(SCALES)
	$(VENV)/bin/python -m harness benchmark report

docs: $(VENV)/built
	$(VENV)/bin/dbt docs generate

clean:
	rm -rf $(VENV) target logs published warehouse/*.duckdb*

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/built: requirements.txt | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/drawn: requirements-dashboard.txt requirements.txt | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements-dashboard.txt
	@touch $@ $(VENV)/built

$(VENV)/tested: requirements-dev.txt requirements-dashboard.txt requirements.txt | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/drawn $(VENV)/built

$(VENV)/sparked: requirements-spark.txt $(VENV)/tested
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements-spark.txt
	@touch $@
