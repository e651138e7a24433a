#!/usr/bin/env bash
# Makes .venv and installs requirements.lock and this package into it; what is there already is kept.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONUNBUFFERED=1 # pip's lines as they come
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }
told() { awk -v start="$(date +%s)" '
    function say(line) { "date +%s" | getline now; close("date +%s"); printf "%6d s  %s\n", now - start, line; fflush() }
    /ERROR|error:/ { say($0) }
    /^ *Building wheel/ { say($0) }
    /^ *(Downloading|Using cached) .*\([0-9.]+ [GM]B\)/ {
        size = substr($(NF - 1), 2) " " substr($NF, 1, 2)
        if (size + 0 >= 100 || $NF ~ /^G/) { split($(NF - 2), part, "-"); say(part[1] " " part[2] ", " size) }
    }
    /^Installing/ { say("installing what was fetched (about a minute)") }'; }

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
