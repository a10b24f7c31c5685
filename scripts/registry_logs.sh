#!/bin/sh
# Follows the Registry's log: of its container where one runs, else of this folder's server.
cd "$(dirname "$0")/.." || exit 1

for compose in "docker compose" docker-compose; do
    if [ -n "$($compose ps --quiet ev-registry 2>/dev/null)" ]; then
        exec $compose logs --follow --tail 100 ev-registry
    fi
done
log=${LOG_DIR:-${VAR_DIR:-var}/log}/registry.log
[ -e "$log" ] || echo "$log is not there yet: start the Registry with make up or make registry." >&2
exec tail -n 100 -F "$log"
