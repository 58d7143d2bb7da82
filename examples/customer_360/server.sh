#!/usr/bin/env bash
# Loads the tables of the CRM and of the sales department into PostgreSQL, for runs with --env server.
# The server is that of PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE, as for psql.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
server="postgres://${PGUSER:-postgres}@${PGHOST:-127.0.0.1}:${PGPORT:-5432}/${PGDATABASE:-postgres}"
mainstem copy sqlite:///data/crm.db#customers "$server#crm.customers"
mainstem copy sqlite:///data/sales.db#orders "$server#sales.orders"
