#!/bin/sh
# Resolves pyproject.toml into requirements.txt and requirements-dev.txt: hashes, one lock for 3.11 and newer.
set -e
cd "$(dirname "$0")/.."

resolve() {
    .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-header --quiet "$@"
}
resolve "--output-file=requirements.txt"
resolve --extra dev --constraint requirements.txt --output-file=requirements-dev.txt
