#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "format/xml/options.h"
#include "format/xml/record.h"
#include "io/input.h"

namespace mainstem::format::xml {

/// Reads the records of one document from its beginning to its end in bounded memory. Neither fetches nor expands
/// entities: a document that defines any, or refers to other than the five of XML, is refused. One thread.
class Document {
 public:
  /// Gets each record when its element ends.
  using Take = std::function<Result<void>(const Record& record)>;

  /// What was seen of the document's outline so far.
  struct Outline {
    int64_t children_of_root = 0;
    bool parent_seen = false;  ///< the element in which records of the path stand
  };

  virtual ~Document() = default;
  /// Reads on by some kilobytes; false at the end. Errors: those of reading and of `take`; invalid_data, with object
  /// and line, for a document that is not well-formed or has entities; no call after an error.
  virtual Result<bool> advance(const Take& take) = 0;
  virtual const Outline& outline() const = 0;
};

Result<std::unique_ptr<Document>> open_document(io::Input& input, const ReadOptions& options);

}  // namespace mainstem::format::xml
