#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "format/shape.h"
#include "format/xml/options.h"
#include "format/xml/row_values.h"
#include "io/input.h"

namespace mainstem {
struct Context;
}

namespace mainstem::format::xml {

/// What a look at all inputs has shown of the rows.
struct Survey {
  std::string row_name;  ///< the name found out if option `row` is absent; empty if it is given, or there is no row
  /// Names of the other elements below the root, if the rows were found out among several.
  std::vector<std::string> passed_by;
  int64_t records = 0;
  std::unique_ptr<Shape> shape;
};

/// Reads all inputs once. Errors: those of Document; invalid_data if it cannot be told which elements are rows, or the
/// ones asked for are not there.
Result<Survey> survey(Context& context, const std::vector<std::shared_ptr<io::Input>>& inputs,
                      const ReadOptions& options, const ValueOptions& values);

}  // namespace mainstem::format::xml
