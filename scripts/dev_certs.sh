#!/bin/sh
# Makes a self-signed certificate for localhost in certs/ where there is none, so that the proxy can start.
set -e
cd "$(dirname "$0")/../certs"

[ -e server.pem ] && [ -e server.key ] && exit 0
umask 077
openssl req -x509 -newkey rsa:2048 -nodes -days 365 -keyout server.key -out server.pem -subj "/CN=localhost" \
    -addext "subjectAltName=DNS:localhost,DNS:proxy,IP:127.0.0.1" 2>/dev/null
chmod 644 server.pem
echo "Made certs/server.pem, self-signed for localhost. Put your own certificate there for production."
