#include "engines/duckdb/engine.h"

#include "engines/duckdb/analyzer.h"
#include "engines/duckdb/session.h"

namespace mainstem::engines::duckdb {
namespace {

class DuckDbEngine final : public engine::Engine {
 public:
  std::string name() const override { return "duckdb"; }

  Result<std::unique_ptr<engine::Session>> open(Context& context, const engine::SessionLimits& limits) override {
    return open_session(context, limits);
  }

  Result<std::unique_ptr<engine::Analyzer>> open_analyzer() override { return duckdb::open_analyzer(); }
};

}  // namespace

std::unique_ptr<engine::Engine> make_engine() { return std::make_unique<DuckDbEngine>(); }

}  // namespace mainstem::engines::duckdb
