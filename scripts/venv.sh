#!/usr/bin/env bash
# Makes .venv and installs into it this package and what requirements.lock has for some extras, hashes checked:
# scripts/venv.sh [EXTRA...], "dev" without any. What is there already is kept.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONUNBUFFERED=1 # pip's lines as they come
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }
# Of what pip says: packages of 100 MB and more, builds, errors; each with the seconds so far.
told() {
    while read -r line; do
        case $line in
            Downloading*\([0-9][0-9][0-9].*\ MB\) | Downloading*\ GB\)) line=${line#Downloading }; line=${line//-*(/, } ;;
            Installing*) line="unpacking what was fetched" ;;
            Building\ wheel* | *ERROR* | *error:*) ;;
            *) continue ;;
        esac
        printf '%6d s  %.110s\n' "$SECONDS" "${line%)}"
    done
}

if [ ! -x .venv/bin/python ]; then
    python=$(scripts/python.sh)
    echo "virtual environment: making .venv with $("$python" --version) ($python)"
    "$python" -m venv .venv
fi
wheels=$(mktemp) locked=$(mktemp)
trap 'rm -f "$wheels" "$locked"' EXIT
.venv/bin/python scripts/locked.py "${@:-dev}" >"$locked"
.venv/bin/python scripts/locked.py "${@:-dev}" --without pyworld >"$wheels"
size=$(grep -q '^torch==' "$locked" && echo " (2 GB to fetch the first time)" || true)
echo "virtual environment: installing $(grep -c == "$locked") packages$size"
pip install --require-hashes --no-deps --only-binary :all: --requirement "$wheels" 2>&1 | told
if ! cmp -s "$wheels" "$locked"; then # pyworld, from its source: after what builds it
    pip install --require-hashes --no-deps --no-build-isolation --requirement "$locked" 2>&1 | told
fi
pip install --quiet --no-deps --no-build-isolation --editable .
pip check >/dev/null || pip check
echo "virtual environment: ready after $SECONDS s"
