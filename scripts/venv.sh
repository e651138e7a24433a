#!/usr/bin/env bash
# Makes .venv and installs requirements.lock and this package into it; what is there already is kept.
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
echo "virtual environment: installing $(grep -c == requirements.lock) packages (2 GB to fetch the first time)"
pip install --no-deps --requirement requirements.lock 2>&1 | told
pip install --quiet --no-deps --no-build-isolation --editable .
pip check >/dev/null || pip check
echo "virtual environment: ready after $SECONDS s"
