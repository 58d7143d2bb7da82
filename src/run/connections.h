#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "config/node.h"
#include "connector/spec.h"

namespace mainstem::run {

/// The connections of a project (or of one `copy`), opened when first used. One thread.
class Connections {
 public:
  /// `spec` outlives this. A name given twice keeps the first.
  void add(const std::string& name, const connector::ConnectorSpec& spec, config::Node options);

  /// The declaration behind a name; null if there is none.
  const connector::ConnectorSpec* spec(const std::string& name) const;
  /// The connection's side; lives as long as this object. Errors: not_found, unsupported (no such side), and what the
  /// connector says.
  Result<connector::Source*> source(const std::string& name);
  Result<connector::Sink*> sink(const std::string& name);

 private:
  struct Entry {
    const connector::ConnectorSpec* spec = nullptr;
    config::Node options;
    std::unique_ptr<connector::Source> source;
    std::unique_ptr<connector::Sink> sink;
  };
  Result<Entry*> find(const std::string& name);

  std::map<std::string, Entry> entries_;
};

}  // namespace mainstem::run
