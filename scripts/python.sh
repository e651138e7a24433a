#!/bin/sh
# Prints the interpreter to build the virtual environment with: the first 3.11 that can make one.
for python in ${PYTHON:-} python3.11 python3 /usr/bin/python3.11 /usr/bin/python3; do
    if "$python" -c 'import ensurepip, sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
        command -v "$python"
        exit 0
    fi
done
echo "no Python 3.11 with the venv module: apt-get install python3-venv" >&2
exit 1
