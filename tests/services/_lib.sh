# shellcheck shell=bash
# Shared by the service scripts in this folder; source it, do not run it.
#
# A service script sets NAME, FIRST_PORT and these functions, then calls svc_main "$@":
#   svc_install   make sure that the software is there (quick when it is)
#   svc_prepare   write configuration and data under $SVC_STATE
#   svc_command   set the array CMD to the foreground command line, listening on $PORT
#   svc_ready     return 0 once the service answers
#   svc_after     one-time work after the first start, e.g. create a database (optional)
#   svc_env       print what a client needs, by export_line
#
# Verbs:
#   install only fetch what is missing, so that the rest needs no network
#   start   in the background, unless it runs already; the default
#   stop    by its process id, and only the process that this script started
#   status  one line; exit code 3 when it is stopped
#   env     lines to source: . <(tests/services/postgres.sh env)
#   clean   remove its data
#
# Environment:
#   MAINSTEM_SERVICES     folder for software and data (default: build/services of this checkout)
#   MAINSTEM_<NAME>_PORT  port of a service (default: the first free one from its script's FIRST_PORT on)
#   MAINSTEM_SVC_USER     account that runs the service when the caller is root (default: nobody)

SVC_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SVC_CACHE="${MAINSTEM_SERVICES:-$SVC_ROOT/build/services}"
# Not every program that starts tests searches the folders of the system's own tools.
export PATH="$PATH:/usr/sbin:/sbin"
SVC_HOST=127.0.0.1
CMD=()

say() { printf '%s: %s\n' "$NAME" "$*" >&2; }
die() {
  say "$*"
  exit 1
}
export_line() { printf 'export %s=%q\n' "$1" "$2"; }
need_cmd() { command -v "$1" >/dev/null 2>&1 || die "needs '$1' (Debian package $2)"; }

# ---- software -----------------------------------------------------------------------------------
# deb_tree KEY PACKAGE...: unpack Debian packages, and those of their dependencies that the machine
# lacks, into $SVC_CACHE/deb/KEY without installing them: no root, no maintainer script, no daemon.
deb_tree() {
  local key=$1 root="$SVC_CACHE/deb/$1" tmp file
  shift
  [ -e "$root/.complete" ] && return 0
  tmp=$(mktemp -d)
  mkdir -p "$tmp/partial" "$root"
  say "unpacking Debian packages for $key: $*"
  apt-get -qq -y -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" -o Dir::Cache::archives="$tmp" \
    --no-install-recommends --download-only --reinstall install "$@" >"$tmp/log" 2>&1 </dev/null ||
    {
      cat "$tmp/log" >&2
      die "apt-get could not fetch $*; run 'apt-get update' once, or install them"
    }
  for file in "$tmp"/*.deb; do dpkg -x "$file" "$root"; done
  rm -rf "$tmp"
  touch "$root/.complete"
}
# deb_root KEY: where such a tree stands for the account that runs the service; a copy beside its data, where the
# checkout is closed to other accounts. Goes behind unpriv_state.
deb_root() {
  local root="$SVC_CACHE/deb/$1"
  if ! unpriv test -x "$root"; then
    [ -e "$SVC_STATE/deb/.complete" ] || cp -R "$root" "$SVC_STATE/deb"
    root="$SVC_STATE/deb"
  fi
  printf '%s' "$root"
}
deb_libpath() { printf '%s' "$1/usr/lib/$(uname -m)-linux-gnu:$1/lib/$(uname -m)-linux-gnu"; }

# ---- accounts -----------------------------------------------------------------------------------
# unpriv CMD...: run as an ordinary user when the caller is root, else as the caller;
# UNPRIV holds the same as a command prefix.
UNPRIV=()
SVC_USER="${MAINSTEM_SVC_USER:-nobody}"
if [ "$(id -u)" = 0 ]; then
  UNPRIV=(setpriv --reuid="$(id -u "$SVC_USER")" --regid="$(id -g "$SVC_USER")" --clear-groups)
fi
unpriv() { (cd / && "${UNPRIV[@]}" "$@"); }

# unpriv_state: make $SVC_STATE usable for unpriv. It moves to the folder for temporary files where the
# checkout is closed to other accounts, or so deep that a socket's path would pass the system's 107 bytes.
unpriv_state() {
  mkdir -p "$SVC_STATE"
  [ "$(id -u)" != 0 ] || chown "$SVC_USER" "$SVC_STATE"
  if [ "${#SVC_STATE}" -le 80 ] && unpriv test -w "$SVC_STATE"; then return 0; fi
  SVC_STATE=$(mktemp -d -t "mainstem-$NAME.XXXXXX")
  printf '%s\n' "$SVC_STATE" >"$SVC_HOME/moved"
  [ "$(id -u)" != 0 ] || chown "$SVC_USER" "$SVC_STATE"
}

# ---- processes ----------------------------------------------------------------------------------
tcp_open() { (exec 3<>"/dev/tcp/$SVC_HOST/$1") 2>/dev/null; }

# Another checkout may run the same service, so the port is chosen at the start and kept in a file.
choose_port() {
  local wanted="MAINSTEM_${NAME^^}_PORT"
  PORT="${!wanted:-}"
  if [ -n "$PORT" ]; then
    if tcp_open "$PORT"; then die "port $PORT is taken; set $wanted to a free one, or to nothing"; fi
  else
    for ((PORT = FIRST_PORT; PORT < FIRST_PORT + 100; PORT++)); do tcp_open "$PORT" || break; done
  fi
  printf '%s\n' "$PORT" >"$SVC_HOME/port"
}

# The pid file holds the process id and its start time, so that a later process with the same id is never touched.
proc_start() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
svc_pid() {
  local pid start
  [ -s "$PID_FILE" ] || return 1
  read -r pid start <"$PID_FILE"
  [ -n "$start" ] && [ "$(proc_start "$pid")" = "$start" ] || return 1
  printf '%s' "$pid"
}

svc_fail() {
  tail -n 20 "$SVC_HOME/log" >&2
  die "$1 (its log is above)"
}

svc_wait_ready() {
  local pid=$1 i
  for ((i = 0; i < 600; i++)); do
    if svc_ready; then return 0; fi
    kill -0 "$pid" 2>/dev/null || {
      rm -f "$PID_FILE"
      svc_fail "died while starting"
    }
    sleep 0.1
  done
  svc_stop
  svc_fail "not ready after a minute"
}

svc_start() {
  local pid lock
  mkdir -p "$SVC_HOME"
  # Two test runs of one checkout may start it at the same moment.
  exec {lock}>>"$SVC_HOME/lock"
  flock "$lock"
  if pid=$(svc_pid); then
    say "runs already, pid $pid"
    exec {lock}>&-
    return 0
  fi
  svc_install
  choose_port
  svc_prepare
  svc_command
  (cd / && exec setsid "${CMD[@]}" >>"$SVC_HOME/log" 2>&1 </dev/null {lock}>&-) &
  pid=$!
  printf '%s %s\n' "$pid" "$(proc_start "$pid")" >"$PID_FILE"
  svc_wait_ready "$pid"
  if [ ! -e "$SVC_HOME/after" ]; then
    svc_after
    touch "$SVC_HOME/after"
  fi
  exec {lock}>&-
  say "ready on $SVC_HOST:$PORT, pid $pid"
}

svc_stop() {
  local pid i
  pid=$(svc_pid) || {
    rm -f "$PID_FILE"
    say "not running"
    return 0
  }
  kill -"${STOP_SIGNAL:-TERM}" "$pid" 2>/dev/null || true
  for ((i = 0; i < 300; i++)); do
    svc_pid >/dev/null || break
    sleep 0.1
  done
  if svc_pid >/dev/null; then
    say "did not stop within 30 s; killing its process group $pid"
    kill -KILL -- -"$pid" 2>/dev/null || true
  fi
  rm -f "$PID_FILE"
  say "stopped"
}

svc_status() {
  local pid
  if pid=$(svc_pid); then
    echo "$NAME runs, pid $pid, port $PORT"
  else
    echo "$NAME is stopped"
    return 3
  fi
}

svc_clean() {
  if svc_pid >/dev/null; then die "still runs; stop it first"; fi
  if [ "$SVC_STATE" != "$SVC_HOME/state" ]; then rm -rf "$SVC_STATE"; fi
  rm -rf "$SVC_HOME"
}

svc_after() { :; }

svc_main() {
  SVC_HOME="$SVC_CACHE/$NAME"
  SVC_STATE="$SVC_HOME/state"
  PID_FILE="$SVC_HOME/pid"
  PORT=
  if [ -s "$SVC_HOME/port" ]; then PORT=$(cat "$SVC_HOME/port"); fi
  if [ -s "$SVC_HOME/moved" ]; then SVC_STATE=$(cat "$SVC_HOME/moved"); fi
  case "${1:-start}" in
    install) svc_install ;;
    start) svc_start ;;
    stop) svc_stop ;;
    status) svc_status ;;
    env)
      svc_pid >/dev/null || die "is not running; start it first"
      svc_env
      ;;
    clean) svc_clean ;;
    *) die "verbs: install start stop status env clean" ;;
  esac
}
