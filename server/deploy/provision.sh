#!/usr/bin/env bash
# Installs or updates Slipway on one machine with Docker, and ends when `/health` answers 200.
#   PUBLIC_URL=https://slipway.example.com SUPER_ADMIN_EMAIL=you@example.com bash server/deploy/provision.sh
# It is run from any folder of a checkout, may be run again at any time, and never overwrites an .env that exists.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
settings="$home/.env"
patience=${PATIENCE_SECONDS:-300}

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

command -v docker > /dev/null || fail "Docker is missing. On Debian or Ubuntu: apt-get install docker.io docker-compose-v2"
docker compose version > /dev/null 2>&1 || fail "Docker's compose is missing. On Debian or Ubuntu: apt-get install docker-compose-v2"
docker info > /dev/null 2>&1 || fail "Docker does not answer. Start it, or run this as a user who may use it."
command -v curl > /dev/null || fail "curl is missing. On Debian or Ubuntu: apt-get install curl"

compose() { docker compose --file "$home/server/compose.yaml" --env-file "$settings" "$@"; }

# Puts a value into the settings that are being written, in place of an old one. A value between single quotes may hold anything
# but these.
set_value() {
  local name=$1 value=$2 rest
  case $value in *"'"* | *$'\n'*) fail "$name may hold neither a quote nor a line break." ;; esac
  rest=$(grep -v "^$name=" "$settings.first" || true)
  (umask 077; printf '%s\n%s='\''%s'\''\n' "$rest" "$name" "$value" > "$settings.new")
  mv "$settings.new" "$settings.first"
}

say "building the image…"
docker build --file "$home/server/Dockerfile" --tag slipway "$home"

if [ ! -e "$settings" ]; then
  [ -n "${PUBLIC_URL:-}" ] || fail "Say how people reach it: PUBLIC_URL=https://slipway.example.com"
  [ -n "${SUPER_ADMIN_EMAIL:-}" ] || fail "Say who runs it: SUPER_ADMIN_EMAIL=you@example.com"
  say "writing $settings with safe random values…"
  (umask 077; docker run --rm slipway gen-env > "$settings.first")
  set_value PUBLIC_URL "$PUBLIC_URL"
  set_value SUPER_ADMIN_EMAIL "$SUPER_ADMIN_EMAIL"
  set_value SMTP_URL "${SMTP_URL:-folder}"
  for name in MAIL_FROM GHL_CLIENT_ID GHL_CLIENT_SECRET GHL_APP_ID; do
    if [ -n "${!name:-}" ]; then set_value "$name" "${!name}"; fi
  done
  # Only whole settings are kept: a value that is refused above leaves nothing behind that the next run would take for them.
  mv "$settings.first" "$settings"
fi

say "starting…"
compose up --detach --remove-orphans

say "waiting for /health…"
ends=$((SECONDS + patience))
until [ "$(curl --silent --output /dev/null --max-time 5 --write-out '%{http_code}' http://127.0.0.1:3000/health || true)" = 200 ]; do
  if [ "$SECONDS" -ge "$ends" ]; then
    compose ps
    compose logs --tail 40 migrate web
    fail "It is not healthy after $patience seconds. Its last lines stand above."
  fi
  sleep 2
done
curl --silent --max-time 5 http://127.0.0.1:3000/health
say ""
say "Slipway is healthy. The first link to sign in: docker compose --file server/compose.yaml --env-file .env logs web"
