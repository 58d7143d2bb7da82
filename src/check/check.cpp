#include "check/check.h"

#include <fmt/format.h>

#include "base/units.h"

namespace mainstem::check {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

std::string failure_of(const Rule& rule, int64_t failing_rows) {
  const auto of_count = [](const RowCount& r) {
    if (!r.max) return fmt::format("it has fewer than {}", counted(r.min.value_or(0), "row"));
    if (!r.min) return fmt::format("it has more than {}", counted(*r.max, "row"));
    return fmt::format("it has not {} to {}", *r.min, counted(*r.max, "row"));
  };
  const auto of_age = [](const Freshness& r) {
    return fmt::format("the latest {} is older than {}, or there is none", r.column, to_string(r.within));
  };
  return std::visit(Overloaded{of_count, of_age, [&](const auto&) { return counted(failing_rows, "row"); }}, rule);
}

}  // namespace

std::string_view rule_name(const Rule& rule) {
  return std::visit(
      Overloaded{[](const NotNull&) { return "not_null"; }, [](const Unique&) { return "unique"; },
                 [](const Range&) { return "range"; }, [](const AcceptedValues&) { return "accepted_values"; },
                 [](const Matches&) { return "matches"; }, [](const Length&) { return "length"; },
                 [](const References&) { return "references"; }, [](const RowCount&) { return "row_count"; },
                 [](const Freshness&) { return "freshness"; }, [](const Sql&) { return "sql"; }},
      rule);
}

std::vector<std::string> columns_of(const Rule& rule) {
  return std::visit(Overloaded{[](const NotNull& r) { return r.columns; }, [](const Unique& r) { return r.columns; },
                               [](const RowCount&) { return std::vector<std::string>{}; },
                               [](const Sql&) { return std::vector<std::string>{}; },
                               [](const auto& r) { return std::vector<std::string>{r.column}; }},
                    rule);
}

std::string default_name(const Rule& rule) {
  return fmt::format("{}({})", rule_name(rule), fmt::join(columns_of(rule), ", "));
}

bool is_row_level(const Rule& rule) {
  return std::holds_alternative<NotNull>(rule) || std::holds_alternative<Range>(rule) ||
         std::holds_alternative<AcceptedValues>(rule) || std::holds_alternative<Matches>(rule) ||
         std::holds_alternative<Length>(rule);
}

bool names_rows(const Rule& rule) {
  return is_row_level(rule) || std::holds_alternative<Unique>(rule) || std::holds_alternative<References>(rule);
}

Verdict judge(const std::string& model, const Check& check, int64_t failing_rows) {
  Verdict verdict{.name = model + "." + check.name,
                  .failing_rows = failing_rows,
                  .severity = check.severity,
                  .on_fail = check.on_fail};
  if (failing_rows == 0) return verdict;
  verdict.failure = failure_of(check.rule, failing_rows);
  const bool blocks = check.severity == Severity::error && check.on_fail == OnFail::block;
  verdict.status = blocks ? Status::fail : Status::warn;
  return verdict;
}

}  // namespace mainstem::check
