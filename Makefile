# Python 3.11 or newer and make are all that is needed.
#
#   make run      the whole product with demo data        PORT=8000  VAR_DIR=var
#   make test     all tests, or those of ARGS="-k name"
#   make test-property  EXAMPLES=1000 random programmes for the ledger
#   make test-crash     a minute of killing clients, backends and PostgreSQL under load
#   make check    formatter, linters, types, import arrows, templates, migrations, translations
#   make screenshots   pictures of the demo's pages, into var/screenshots
#   make test-brokers   the outbox with everything killed, over three brokers   (installs two)
#   make bench-providers   the outbox, measured beside plain Celery tasks   JOBS=1000
#   make bench-callbacks   how fast eBET is answered, beside bare WSGI and usual views   SECONDS=30
#   make bench-ledger   movements per second beside others   ARGS="--rounds 3 --entries 10000000"
#   make bench-admin    the admin's lists at size, beside Django's own admin   ROWS=10000000
#   make bench-export   exports, measured beside psql and the usual libraries   ROWS=1000000
#   make bench-export-memory   a worker's memory from ten thousand rows to   ROWS=5000000

.PHONY: run test test-property test-crash check fmt browser screenshots bench-admin bench-callbacks bench-export bench-export-memory bench-ledger bench-providers test-brokers clean
.DEFAULT_GOAL := run

PY := .venv/bin/python
INSTALLED := .venv/requirements.txt.installed
TEST_INSTALLED := .venv/tests-requirements.txt.installed
LEDGER_BENCH_INSTALLED := .venv/tests-bench-ledger-requirements.txt.installed

define install
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	    exec "$$python" config/install.py $(1); \
	done; \
	echo "Python 3.11 or newer is needed; it was not found." >&2; exit 1
endef

# The tether ends the run when make itself is killed.
run: $(INSTALLED)
	@exec $(PY) config/embedded/tether.py $$PPID 15 $(PY) -m config.run

test: $(TEST_INSTALLED)
	@command -v chromium >/dev/null || $(MAKE) --no-print-directory browser || true
	@$(PY) -m pytest -n auto --dist loadgroup $(ARGS)

# Kills clients, backends and PostgreSQL under load for a minute; `make test` does it briefly.
test-crash: $(TEST_INSTALLED)
	@CRASH_SECONDS=$${CRASH_SECONDS:-60} $(PY) -m pytest -n0 --timeout=0 tests/wallet/test_crash.py

# Random programmes for the ledger, other ones each time, compared with a model of its rules.
test-property: $(TEST_INSTALLED)
	@PROPERTY_EXAMPLES=$${EXAMPLES:-1000} $(PY) -m pytest -n0 --timeout=0 tests/wallet/test_property.py

check: $(TEST_INSTALLED)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m djlint --quiet --check --lint templates
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) -m config.translations

fmt: $(TEST_INSTALLED)
	$(PY) -m django_upgrade --target-version 5.2 $$(git ls-files '*.py')
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(PY) -m djlint --quiet --reformat templates

bench-providers: $(TEST_INSTALLED)
	@$(PY) -m tests.bench.providers $(JOBS)

# Debian's brokers are started and killed by the tests themselves, on free ports.
test-brokers: $(TEST_INSTALLED)
	@if ! command -v redis-server >/dev/null || ! command -v rabbitmq-server >/dev/null; then \
	  apt-get update -q && apt-get install -y --no-install-recommends redis-server rabbitmq-server; \
	fi
	@BROKERS=1 $(PY) -m pytest -n0 -v tests/providers/brokers $(ARGS)

bench-callbacks: $(TEST_INSTALLED)
	@$(PY) -m tests.bench.callbacks $(SECONDS)

bench-ledger: $(LEDGER_BENCH_INSTALLED)
	@$(PY) -m tests.bench.ledger $(ARGS)

bench-admin: $(TEST_INSTALLED)
	@$(PY) -m tests.bench.admin $(ROWS)

bench-export: $(TEST_INSTALLED)
	@$(PY) -m tests.bench.export $(ROWS)

bench-export-memory: $(TEST_INSTALLED)
	@$(PY) -m tests.bench.export_memory $(ROWS)

# A demo of its own, photographed in both languages and themes, at the desk and on the phone.
screenshots: $(TEST_INSTALLED)
	@$(PY) -m tests.browser.screenshots

# The tests in a real browser use the system's Chromium, with a font for Chinese.
browser:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -q && apt-get install -y chromium fonts-noto-cjk; \
	else \
	  echo "Browser tests will be skipped: install chromium and fonts-noto-cjk to run them."; \
	fi

clean:
	rm -rf .venv var

$(INSTALLED): requirements.txt constraints.txt
	$(call install,requirements.txt)

$(TEST_INSTALLED): requirements.txt constraints.txt tests/requirements.txt
	$(call install,tests/requirements.txt)

$(LEDGER_BENCH_INSTALLED): requirements.txt tests/requirements.txt tests/bench/ledger/requirements.txt
	$(call install,tests/bench/ledger/requirements.txt)
