#pragma once

#include <string>

#include "plan/stage.h"

namespace mainstem::plan {

/// The plan for machines: one JSON document on one line, a "stage" word and the members of each stage. No secrets.
std::string plan_json(const Plan& plan);

}  // namespace mainstem::plan
