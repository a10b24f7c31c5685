#!/bin/sh
# Resolves pyproject.toml into the three locks: what runs, what runs with every extra, what develops. With hashes, for
# 3.11 and newer. Extras stay in the lock: pip looks for a newer `name[extra]` where only `name` is pinned.
set -e
cd "$(dirname "$0")/.."

resolve() {
    .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
        --no-strip-extras --no-emit-index-url --no-header --quiet "$@"
}
resolve "--output-file=requirements.txt"
resolve --extra sentry --extra mqtt --extra oauth --constraint requirements.txt --output-file=requirements-extras.txt
resolve --all-extras --constraint requirements.txt --output-file=requirements-dev.txt
