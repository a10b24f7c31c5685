#!/bin/sh
# Walks through every call of the Registry's guide against a running server; the exit code tells.
# REGISTRY_URL and CENTRAL_URL name it (CENTRAL_URL= leaves Central out). In production set TOKEN to an
# operator's API token; without it the development switch REGISTRY_OPEN_REGISTRATION is needed.
cd "$(dirname "$0")/.." || exit 1

setting() { # setting <name> <default>: from the environment, else from .env
    eval "value=\${$1:-}"
    [ -n "$value" ] || value=$(sed -n "s/^$1=//p" .env 2>/dev/null | tail -n 1)
    echo "${value:-$2}"
}
host=$(setting HOST 127.0.0.1)
registry=${REGISTRY_URL:-http://$host:$(setting REGISTRY_API_PORT 8080)}
central=${CENTRAL_URL-http://$host:$(setting PORT 8000)}
id="RT-$(date +%s)-$$"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
body=$scratch/body
failures=0
checks=0

report() { # report <ok?> <what> <detail>
    checks=$((checks + 1))
    if [ "$1" = 0 ]; then echo "ok    $2"; else
        failures=$((failures + 1))
        echo "FAIL  $2: $3"
    fi
}

call() { # call <what> <expected status> <method> <address> [json] [header]
    set -- "$1" "$2" "$3" "$4" "${5:-}" "${6:-${TOKEN:+Authorization: Bearer $TOKEN}}"
    status=$(curl --silent --insecure --max-time 15 --output "$body" --write-out '%{http_code}' -X "$3" "$4" \
        ${5:+-H "Content-Type: application/json" --data "$5"} ${6:+-H "$6"})
    [ "$status" = "$2" ]
    report $? "$1" "$3 $4 answered $status instead of $2: $(head -c 300 "$body" 2>/dev/null)"
}

field() { # field <name>: the text of one field of the last answer
    sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" "$body" | head -n 1
}

has() { # has <name>...: the last answer names these fields
    for name in "$@"; do
        grep -q "\"$name\"" "$body"
        report $? "  field $name" "missing in $(head -c 300 "$body")"
    done
}

says() { # says <name> <value>
    [ "$(field "$1")" = "$2" ]
    report $? "  $1 is $2" "it is '$(field "$1")'"
}

if ! curl --silent --insecure --max-time 5 --output "$body" "$registry/"; then
    echo "Nothing answers at $registry/: start it with make up or make registry." >&2
    exit 1
fi

call "health" 200 GET "$registry/"
says service "EV Registry"
says status operational
has version timestamp
call "interactive documentation" 200 GET "$registry/docs"

call "register" 200 POST "$registry/cp/register" "{\"cp_id\": \"$id\", \"location\": \"Berlin\"}"
says cp_id "$id"
says status REGISTERED
has token_expires_at message
credentials=$(field credentials)
token=$(field token)
[ ${#credentials} -ge 32 ] && [ -n "$token" ]
report $? "  credentials and token are shown" "credentials of ${#credentials} characters"

call "register again without proof" 409 POST "$registry/cp/register" "{\"cp_id\": \"$id\", \"location\": \"Berlin\"}"
call "authenticate" 200 POST "$registry/cp/authenticate" "{\"cp_id\": \"$id\", \"credentials\": \"$credentials\"}"
says cp_id "$id"
has token token_expires_at
call "authenticate with a wrong secret" 401 POST "$registry/cp/authenticate" \
    "{\"cp_id\": \"$id\", \"credentials\": \"0000000000000000000000000000000000000000\"}"

call "detail" 200 GET "$registry/cp/$id"
says status REGISTERED
has location registered_at last_authenticated metadata certificate_fingerprint
call "an unknown charge point" 404 GET "$registry/cp/$id-unknown"
call "list" 200 GET "$registry/cp"
has total cps
call "list of registered ones" 200 GET "$registry/cp?status_filter=REGISTERED"
call "list of deregistered ones" 200 GET "$registry/cp?status_filter=DEREGISTERED"
call "an id with a slash" 400 POST "$registry/cp/register" '{"cp_id": "a/b", "location": "Berlin"}'

if command -v openssl >/dev/null; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout "$scratch/key" -out "$scratch/pem" -subj "/CN=$id-C" 2>/dev/null
    pem=$(awk '{printf "%s\\n", $0}' "$scratch/pem")
    call "register with a certificate and metadata" 200 POST "$registry/cp/register" \
        "{\"cp_id\": \"$id-C\", \"location\": \"Berlin\", \"certificate_pem\": \"$pem\", \"metadata\": {\"floor\": 2}}"
    call "its detail" 200 GET "$registry/cp/$id-C"
    [ -n "$(field certificate_fingerprint)" ]
    report $? "  the fingerprint is kept" "it is empty"
    call "deregister it" 200 DELETE "$registry/cp/$id-C"
fi

for number in 01 02 03 04 05 06 07 08 09 10; do
    call "bulk: register $number" 200 POST "$registry/cp/register" \
        "{\"cp_id\": \"$id-$number\", \"location\": \"Location-$number\"}"
    call "bulk: deregister $number" 200 DELETE "$registry/cp/$id-$number"
done

if [ -n "$central" ] && curl --silent --insecure --max-time 5 --output /dev/null "$central/api/health"; then
    address="$central/cp/register"
    engine='"cp_e_host": "127.0.0.1", "cp_e_port": 8001'
    call "Central: health" 200 GET "$central/api/health"
    call "Central: register" 200 POST "$address" "{\"cp_id\": \"$id\", $engine}" "Authorization: Bearer $token"
    call "Central: a bad token" 401 POST "$address" "{\"cp_id\": \"$id\", $engine}" "Authorization: Bearer nonsense"
    call "Central: somebody else's token" 403 POST "$address" "{\"cp_id\": \"$id-X\", $engine}" \
        "Authorization: Bearer $token"
    [ -n "${TOKEN:-}" ] || call "Central: unknown to the Registry" 403 POST "$address" "{\"cp_id\": \"$id-X\", $engine}"
else
    echo "skip  Central does not answer at ${central:-(left out)}"
fi

call "deregister" 200 DELETE "$registry/cp/$id"
call "detail tells so" 200 GET "$registry/cp/$id"
says status DEREGISTERED
call "it can no longer authenticate" 401 POST "$registry/cp/authenticate" \
    "{\"cp_id\": \"$id\", \"credentials\": \"$credentials\"}"
call "nor register again by itself" 403 POST "$registry/cp/register" "{\"cp_id\": \"$id\", \"location\": \"Berlin\"}" "X-None: 1"

echo
if [ "$failures" = 0 ]; then echo "All $checks checks passed."; else echo "$failures of $checks checks failed."; fi
[ "$failures" = 0 ]
