#!/bin/sh
# Generates the Python stubs of protos/ below a folder: scripts/stubs.sh [services]
set -eu
out=$(realpath "${1:-services}")
cd "$(dirname "$0")/.."
protoc="${PYTHON:-.venv/bin/python} -m grpc_tools.protoc -Iprotos"
messages=$(cd protos && find duplexsla -name '*.proto' | sort)
services=$(cd protos && grep -l '^service ' $messages)
$protoc --python_out="$out" --pyi_out="$out" $messages
$protoc --grpc_python_out="$out" $services
