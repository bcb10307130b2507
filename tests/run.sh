#!/usr/bin/env bash
# Everything that has to hold: style, types, contracts, migrations, then the tests on SQLite and on PostgreSQL.
# In CI PostgreSQL and Chromium must be there; elsewhere a missing one is left out, and said so. Three workers share two
# cores, for browsers and processes wait much.
set -euo pipefail
cd "$(dirname "$0")/.."
BIN=${BIN:-.venv/bin}
POSTGRES=${VERMILION_TEST_DATABASE_URL:-postgres://postgres@127.0.0.1:5432/postgres}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} NUMBA_NUM_THREADS=1

step() { printf '\n== %s\n' "$1"; }

step "Style";      "$BIN/ruff" check . && "$BIN/ruff" format --check --quiet .
step "Types";      "$BIN/mypy"
step "Contracts";  "$BIN/lint-imports"
step "Migrations"; "$BIN/python" manage.py makemigrations --check --dry-run

step "Tests on SQLite"
"$BIN/python" -m pytest -n 3 --dist loadfile --no-loadscope-reorder -q

step "Tests on PostgreSQL"
if "$BIN/python" -c "import psycopg2, sys; psycopg2.connect(sys.argv[1], connect_timeout=2).close()" "$POSTGRES" 2>/dev/null; then
  VERMILION_TEST_DATABASE_URL=$POSTGRES "$BIN/python" -m pytest -n 3 --dist loadfile --no-loadscope-reorder -q tests/clinic
elif [ "${CI:-}" = true ]; then
  echo "PostgreSQL does not answer at $POSTGRES, and CI needs it." >&2
  exit 1
else
  echo "left out: no PostgreSQL answers at $POSTGRES (set VERMILION_TEST_DATABASE_URL)"
fi
