#!/usr/bin/env bash
# PostgreSQL 15 (Debian) as a throwaway cluster: logical WAL, TLS with its own CA, socket and TCP.
# fsync is off, so it can prove nothing about durability.
#
#   database mainstem   for the tests; user mainstem is superuser
#   database tlsonly    refuses connections without TLS
#   user certuser       must show the client certificate
set -euo pipefail
# shellcheck source=tests/services/_lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
NAME=postgres
FIRST_PORT=55432
PASSWORD="${MAINSTEM_POSTGRES_PASSWORD:-mainstem}"
STOP_SIGNAL=INT # disconnects clients and stops cleanly

pg_root() {
  local root
  PG=/usr/lib/postgresql/15
  if [ ! -x "$PG/bin/initdb" ]; then
    root=$(deb_root postgres)
    PG="$root/usr/lib/postgresql/15"
    export LD_LIBRARY_PATH
    LD_LIBRARY_PATH=$(deb_libpath "$root")
  fi
}

svc_install() {
  need_cmd openssl openssl
  [ -x /usr/lib/postgresql/15/bin/initdb ] || deb_tree postgres postgresql-15 postgresql-client-15
}

# ca.crt, server.crt for localhost and 127.0.0.1, client.crt for user mainstem
make_tls() {
  local dir=$1 who name extension
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=mainstem test CA" \
    -keyout "$dir/ca.key" -out "$dir/ca.crt"
  for who in server client; do
    if [ "$who" = server ]; then
      name=localhost extension='subjectAltName=DNS:localhost,IP:127.0.0.1'
    else
      name=mainstem extension='extendedKeyUsage=clientAuth'
    fi
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
      -keyout "$dir/$who.key" -out "$dir/$who.csr"
    printf '%s\n' "$extension" >"$dir/$who.ext"
    openssl x509 -req -in "$dir/$who.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial -days 3650 \
      -extfile "$dir/$who.ext" -out "$dir/$who.crt"
  done
  chmod 600 "$dir"/*.key
}

svc_prepare() {
  unpriv_state
  pg_root
  local data="$SVC_STATE/data"
  [ -s "$data/PG_VERSION" ] && return 0
  unpriv mkdir -p "$SVC_STATE/tls" "$SVC_STATE/sock"
  unpriv chmod 700 "$SVC_STATE/tls"
  unpriv bash -c "set -e; $(declare -f make_tls); make_tls \"\$1\"" _ "$SVC_STATE/tls" >>"$SVC_HOME/log" 2>&1 ||
    svc_fail "could not make its certificates"
  printf '%s\n' "$PASSWORD" | unpriv tee "$SVC_STATE/tls/password" >/dev/null
  unpriv "$PG/bin/initdb" -D "$data" -U mainstem --pwfile="$SVC_STATE/tls/password" --auth-host=scram-sha-256 \
    --auth-local=trust --encoding=UTF8 --locale=C --no-sync >>"$SVC_HOME/log" 2>&1 || svc_fail "initdb failed"
  unpriv tee -a "$data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$SVC_STATE/sock'
wal_level = logical
max_replication_slots = 20
max_wal_senders = 20
max_slot_wal_keep_size = 512MB
max_connections = 100
fsync = off
full_page_writes = off
synchronous_commit = on
ssl = on
ssl_ca_file = '$SVC_STATE/tls/ca.crt'
ssl_cert_file = '$SVC_STATE/tls/server.crt'
ssl_key_file = '$SVC_STATE/tls/server.key'
log_line_prefix = '%m [%p] %a '
CONF
  unpriv tee "$data/pg_hba.conf" >/dev/null <<'CONF'
local     all          all                     trust
local     replication  all                     trust
hostssl   all          certuser  127.0.0.1/32  cert map=certmap
hostssl   tlsonly      all       127.0.0.1/32  scram-sha-256
hostnossl tlsonly      all       127.0.0.1/32  reject
host      all          all       127.0.0.1/32  scram-sha-256
host      replication  all       127.0.0.1/32  scram-sha-256
CONF
  printf 'certmap mainstem certuser\n' | unpriv tee "$data/pg_ident.conf" >/dev/null
}

svc_command() { CMD=("${UNPRIV[@]}" "$PG/bin/postgres" -D "$SVC_STATE/data" -p "$PORT"); }
svc_ready() { "$PG/bin/pg_isready" -q -h "$SVC_STATE/sock" -p "$PORT"; }
svc_after() {
  "$PG/bin/psql" -qX -h "$SVC_STATE/sock" -p "$PORT" -U mainstem -d postgres \
    -c "CREATE DATABASE mainstem" -c "CREATE DATABASE tlsonly" -c "CREATE ROLE certuser LOGIN"
}
svc_env() {
  export_line MAINSTEM_TEST_POSTGRES "postgresql://mainstem:$PASSWORD@$SVC_HOST:$PORT/mainstem"
  export_line MAINSTEM_TEST_POSTGRES_SOCKET "$SVC_STATE/sock"
  export_line MAINSTEM_TEST_POSTGRES_CA "$SVC_STATE/tls/ca.crt"
  export_line MAINSTEM_TEST_POSTGRES_CLIENT_CERT "$SVC_STATE/tls/client.crt"
  export_line MAINSTEM_TEST_POSTGRES_CLIENT_KEY "$SVC_STATE/tls/client.key"
}
svc_main "$@"
