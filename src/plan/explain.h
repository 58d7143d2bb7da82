#pragma once

#include <string>

#include "plan/stage.h"

namespace mainstem::plan {

/// The plan for people: numbered stages, what each does and why. No secrets: a stage has none that could be printed.
std::string explain(const Plan& plan);

}  // namespace mainstem::plan
