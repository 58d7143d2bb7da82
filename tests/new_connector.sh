#!/usr/bin/env bash
# Adding a connector edits no existing file: a copy of the source tree gets a folder with a connector in it, the build
# finds, compiles and registers it, and the program lists it. What the copy has in common with the tree is not built
# again: the program is linked from the libraries of the tree's own build.
#
#   tests/new_connector.sh SOURCE-TREE DEPENDENCIES BUILD
set -euo pipefail
tree=$1 dependencies=$2 build=$3
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -R "$tree/CMakeLists.txt" "$tree/CMakePresets.json" "$tree/cmake" "$tree/src" "$copy/"
mkdir "$copy/src/connectors/toy"
cat >"$copy/src/connectors/toy/connector.cpp" <<'CPP'
#include "connector/spec.h"

namespace mainstem::connectors::toy {

connector::ConnectorSpec declare() {
  connector::ConnectorSpec spec;
  spec.name = "toy";
  spec.title = "Toy";
  spec.summary = "Made for a test.";
  return spec;
}

}  // namespace mainstem::connectors::toy
CPP
cmake -S "$copy" -B "$copy/build" -G Ninja -DMAINSTEM_TESTS=OFF -DMAINSTEM_DEPS_DIR="$dependencies" >"$copy/log" ||
  { cat "$copy/log"; exit 1; }
objects=(src/CMakeFiles/mainstem_connector_registry.dir/__/generated/connector_registry.cpp.o
  src/CMakeFiles/mainstem_connectors_toy.dir/connectors/toy/connector.cpp.o)
ninja -C "$copy/build" "${objects[@]}" >"$copy/log" || { cat "$copy/log"; exit 1; }
link=$(ninja -C "$build" -t commands mainstem | tail -n 1)
link=${link/-o mainstem /-o $copy/mainstem }
link=${link/src\/libmainstem_connector_registry.a/${objects[*]/#/$copy/build/}}
(cd "$build" && bash -c "$link")
"$copy/mainstem" connectors >"$copy/connectors"
grep 'toy .*Made for a test' "$copy/connectors" || { cat "$copy/connectors"; echo "the program does not list it"; exit 1; }
