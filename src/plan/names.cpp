#include "plan/names.h"

namespace mainstem::plan {

std::string inner_name(const std::string& name, const std::string& role) { return "_mainstem_" + name + "_" + role; }

}  // namespace mainstem::plan
