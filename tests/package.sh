#!/usr/bin/env bash
# The archive of script/package works where it was unpacked, with its own libraries and nothing in the environment, and
# packing twice gives the same bytes.
#
#   tests/package.sh SOURCE-TREE BUILD
set -euo pipefail
tree=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  printf 'package test: %s\n' "$*" >&2
  exit 1
}

"$tree/script/package" --built "$build" --output "$work/first" tar
"$tree/script/package" --built "$build" --output "$work/second" tar >/dev/null
archive=$(echo "$work"/first/mainstem-*.tar.gz)
cmp "$archive" "$work/second/$(basename "$archive")" || fail "packing twice gave different bytes"
rm -rf "$work/second"

mkdir "$work/elsewhere" "$work/home"
tar -xzf "$archive" -C "$work/elsewhere"
place=$(echo "$work"/elsewhere/mainstem-*)
program=$place/bin/mainstem
clean() { env -i HOME="$work/home" "$@"; }

# Of the system, only the parts of glibc and its loader.
clean ldd "$program" "$place"/lib/mainstem/*.so* >"$work/ldd"
if grep 'not found' "$work/ldd"; then fail "a library is missing"; fi
foreign=$(awk '$2 == "=>" && $3 ~ /^\// { print $3 }' <<<"$(clean ldd "$program")" | while read -r library; do
  case $(realpath "$library") in
    "$(realpath "$place")"/lib/mainstem/*) ;;
    */libc.so.6 | */libm.so.6 | */libpthread.so.0 | */librt.so.1 | */libdl.so.2 | */libresolv.so.2) ;;
    *) echo "$library" ;;
  esac
done)
[ -z "$foreign" ] || fail "libraries from outside the package: $foreign"
# libparquet exports an OpenSSL of its own, on which no other library may run.
clean LD_BIND_NOW=1 LD_DEBUG=bindings "$program" --version >"$work/version" 2>"$work/bindings"
if grep -E 'binding file [^ ]*/lib(crypto|ssl|pq|ldap)[^ ]* .* to [^ ]*/lib(parquet|arrow)' "$work/bindings" | head -n 3 | grep .; then
  fail "OpenSSL's functions are taken from libparquet"
fi
if grep -aq "$build" "$program"; then fail "the program names its build folder"; fi

clean "$program" --version
cp -R "$place/share/mainstem/examples/flights" "$work/flights"
cd "$work/flights"
clean "$program" run --quiet
clean "$program" query --on warehouse 'select count(*) as days from daily_delays' | tee "$work/answer"
grep -qw 10 "$work/answer" || fail "the example's table has not ten days"

for file in share/man/man1/mainstem.1 share/bash-completion/completions/mainstem share/zsh/site-functions/_mainstem \
  share/fish/vendor_completions.d/mainstem.fish share/doc/mainstem/LICENSE share/doc/mainstem/README.md \
  share/doc/mainstem/third-party/{arrow/LICENSE.txt,duckdb/LICENSE,debian/LIST.txt}; do
  [ -s "$place/$file" ] || fail "$file is missing or empty"
done
# Every library that is not ours to license has its text.
while read -r library package _; do
  if [ "$library" = library ]; then continue; fi
  [ -e "$place/lib/mainstem/$library" ] || fail "$library is listed and not there"
  [ -s "$place/share/doc/mainstem/third-party/debian/$package.txt" ] || fail "the licence of $package is missing"
done <"$place/share/doc/mainstem/third-party/debian/LIST.txt"
bash -n "$place/share/bash-completion/completions/mainstem"
