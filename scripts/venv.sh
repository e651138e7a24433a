#!/usr/bin/env bash
# Makes .venv and installs requirements.lock and this package into it; what is there already is kept.
set -euo pipefail
cd "$(dirname "$0")/.."
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }
told() { awk -v start="$(date +%s)" '
    /ERROR|error:/ || /^Building/ || /\([0-9.]+ [GM]B\)/ && !/\([0-9]\.[0-9] MB\)/ {
        sub(/^ +/, ""); "date +%s" | getline now; close("date +%s")
        printf "%6d s  %.100s\n", now - start, $0; fflush()
    }'; }

if [ ! -x .venv/bin/python ]; then
    python=$(scripts/python.sh)
    echo "virtual environment: making .venv with $("$python" --version) ($python)"
    "$python" -m venv .venv
fi
echo "virtual environment: installing $(grep -c == requirements.lock) packages (2 GB to fetch the first time)"
pip install --no-deps --requirement requirements.lock 2>&1 | told
pip install --quiet --no-deps --no-build-isolation --editable .
pip check >/dev/null || pip check
echo "virtual environment: ready after $SECONDS s"
