#!/usr/bin/env bash
# The pages of docs/reference are those that the program writes: nobody edits them by hand, and none is out of date.
#
#   tests/reference_pages.sh PROGRAM docs/reference
#
# To renew them: rm -r docs/reference && build/release/mainstem docs --reference docs/reference
set -euo pipefail
written=$(mktemp -d)
trap 'rm -rf "$written"' EXIT
"$1" docs --reference "$written" --quiet
diff -ru "$2" "$written"
