#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "config/fields.h"
#include "config/node.h"
#include "connector/spec.h"

// What the declarations of connectors have in common.

namespace mainstem::connector {

/// Of a database that reads the parts of one snapshot, takes columns, conditions and cursors to where the data is, and
/// publishes every write mode, all tables together, in one transaction.
Capabilities transactional_database();

/// What happens to columns that a target's table lacks.
enum class NewColumns { add, error };

/// A check of options by the function that reads them: `read(node)` gives a Result.
template <class Read>
std::function<Result<void>(const config::Node&)> checked_by(Read read) {
  return [read](const config::Node& node) -> Result<void> {
    MS_TRY(read(node));
    return {};
  };
}

/// A maker of one side of a connection (`Source`, `Sink`): `read(node)` gives a Result of what `make` takes.
template <class Side, class Read, class Make>
std::function<Result<std::unique_ptr<Side>>(const config::Node&)> made_by(Read read, Make make) {
  return [read, make](const config::Node& node) -> Result<std::unique_ptr<Side>> {
    MS_ASSIGN(auto options, read(node));
    return make(std::move(options));
  };
}

}  // namespace mainstem::connector

namespace mainstem::config {

template <>
struct EnumNames<connector::NewColumns> {
  using E = connector::NewColumns;
  static constexpr std::array<std::pair<std::string_view, E>, 2> names{{{"add", E::add}, {"error", E::error}}};
};

}  // namespace mainstem::config
