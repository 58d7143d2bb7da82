#!/usr/bin/env bash
# Adding a connector edits no existing file: a copy of the source tree gets a folder with a connector in it, and the
# build finds, compiles and registers it.
#
#   tests/new_connector.sh SOURCE-TREE DEPENDENCIES
set -euo pipefail
tree=$1 dependencies=$2
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
  return spec;
}

}  // namespace mainstem::connectors::toy
CPP
cmake -S "$copy" -B "$copy/build" -G Ninja -DMAINSTEM_TESTS=OFF -DMAINSTEM_DEPS_DIR="$dependencies" >"$copy/log" ||
  { cat "$copy/log"; exit 1; }
grep -q 'mainstem::connectors::toy::declare(),' "$copy/build/generated/connector_registry.cpp" ||
  { echo "the registry does not call the new connector"; exit 1; }
ninja -C "$copy/build" src/CMakeFiles/mainstem_connectors_toy.dir/connectors/toy/connector.cpp.o >"$copy/log" || { cat "$copy/log"; exit 1; }
echo "the new connector is registered and compiles"
