#include "plan/names.h"

namespace mainstem::plan {

std::string inner_name(const std::string& name, const std::string& role) { return "_mainstem_" + name + "_" + role; }

// No name of a pipeline has an @.
std::string state_name(const std::string& pipeline, const std::string& environment) {
  return environment.empty() ? pipeline : pipeline + "@" + environment;
}

}  // namespace mainstem::plan
