#include "plan/names.h"

#include <string_view>

namespace mainstem::plan {
namespace {

// No name of a source has a blank.
constexpr std::string_view kFullRead = " (full read)";

}  // namespace

std::string inner_name(const std::string& name, const std::string& role) { return "_mainstem_" + name + "_" + role; }

// No name of a pipeline has an @.
std::string state_name(const std::string& pipeline, const std::string& environment) {
  return environment.empty() ? pipeline : pipeline + "@" + environment;
}

std::string full_read_name(const std::string& source) { return source + std::string(kFullRead); }

bool is_full_read(const std::string& name) { return name.ends_with(kFullRead); }

}  // namespace mainstem::plan
