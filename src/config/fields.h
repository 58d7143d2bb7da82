#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/convert.h"
#include "config/option.h"

namespace mainstem::config {

/// Further facts about an option; all may be left out.
struct Facts {
  std::optional<double> min = std::nullopt;
  std::optional<double> max = std::nullopt;
  std::string unit = "";
  std::string since = "";
  std::vector<std::string> examples = {};
  std::string type = "";                                ///< how to call the type, if not as the member's
  std::shared_ptr<const OptionTable> nested = nullptr;  ///< options inside, for members read by their owner
};

/// Errors of one map: an unknown key (with "did you mean") or a missing one.
Error unknown_key(const Node& node, const std::string& key, const OptionTable& table);
Error missing_key(const Node& node, const Option& option);
Result<void> check_bounds(const Node& node, const Option& option);

/// The options of a struct T, each declared once: name, member, doc, facts. The default is the member's initialiser
/// and the type is the member's, so text and struct cannot disagree.
///
///   const Fields<CsvOptions>& csv_fields() {
///     static const auto fields = Fields<CsvOptions>()
///         .optional("delimiter", &CsvOptions::delimiter, "Character between fields; found out if not given.")
///         .required("path", &CsvOptions::path, "File, folder or pattern.", {.examples = {"drops/*.csv"}});
///     return fields;
///   }
///   Result<CsvOptions> options = csv_fields().read(node);
///
/// Immutable once built; `read` is thread-safe.
template <class T>
class Fields {
 public:
  template <class M>
  Fields& optional(std::string name, M T::* member, std::string doc, Facts facts = {}) & {
    return add(std::move(name), member, std::move(doc), std::move(facts), false);
  }
  template <class M>
  Fields&& optional(std::string name, M T::* member, std::string doc, Facts facts = {}) && {
    return std::move(add(std::move(name), member, std::move(doc), std::move(facts), false));
  }
  template <class M>
  Fields&& required(std::string name, M T::* member, std::string doc, Facts facts = {}) && {
    return std::move(add(std::move(name), member, std::move(doc), std::move(facts), true));
  }
  /// An option whose value is itself a struct with Fields; absent keys keep the member's defaults.
  template <class M>
  Fields&& table(std::string name, M T::* member, const Fields<M>& nested, std::string doc) && {
    Option option{.name = std::move(name), .type = "table", .doc = std::move(doc), .nested = nested.shared_table()};
    table_->options.push_back(option);
    readers_.push_back([member, &nested](T& object, const Node& node) -> Result<void> {
      MS_ASSIGN(object.*member, nested.read(node));
      return {};
    });
    return std::move(*this);
  }
  /// Takes over all options of a shared group that T has as a base class (spelled alike in every connector).
  template <class Base>
  Fields&& include(const Fields<Base>& group) && {
    for (size_t i = 0; i < group.table_->options.size(); ++i) {
      table_->options.push_back(group.table_->options[i]);
      readers_.push_back([reader = group.readers_[i]](T& object, const Node& node) { return reader(object, node); });
    }
    return std::move(*this);
  }

  /// Reads a map into a T that starts from its defaults. A null node is an empty map. Errors: invalid_config, placed.
  Result<T> read(const Node& node) const {
    T object{};
    if (!node.is_null() && !node.is_map()) return wrong_type(node, "a map of options");
    std::vector<bool> seen(readers_.size(), false);
    for (const auto& [key, value] : node.entries()) {
      const Option* option = table_->find(key);
      if (option == nullptr) return unknown_key(node, key, *table_);
      const auto index = static_cast<size_t>(option - table_->options.data());
      if (value.is_null()) continue;
      seen[index] = true;
      MS_TRY_DURING(readers_[index](object, value), "reading option '" + key + "'");
      MS_TRY(check_bounds(value, *option));
    }
    for (size_t i = 0; i < seen.size(); ++i)
      if (!seen[i] && table_->options[i].required) return missing_key(node, table_->options[i]);
    return object;
  }

  const OptionTable& table() const { return *table_; }
  std::shared_ptr<const OptionTable> shared_table() const { return table_; }

 private:
  template <class>
  friend class Fields;
  using Reader = std::function<Result<void>(T&, const Node&)>;

  template <class M>
  Fields& add(std::string name, M T::* member, std::string doc, Facts facts, bool required) {
    Option option{.name = std::move(name), .type = Conversion<M>::type(), .doc = std::move(doc), .required = required};
    if (!required) option.default_text = Conversion<M>::write(T{}.*member);
    if constexpr (std::is_enum_v<M>) option.choices = choices_of<M>();
    option.min = facts.min;
    option.max = facts.max;
    option.unit = std::move(facts.unit);
    option.since = std::move(facts.since);
    option.examples = std::move(facts.examples);
    option.nested = std::move(facts.nested);
    if (!facts.type.empty()) option.type = std::move(facts.type);
    table_->options.push_back(std::move(option));
    readers_.push_back([member](T& object, const Node& node) -> Result<void> {
      MS_ASSIGN(object.*member, Conversion<M>::read(node));
      return {};
    });
    return *this;
  }

  std::shared_ptr<OptionTable> table_ = std::make_shared<OptionTable>();
  std::vector<Reader> readers_;
};

/// Checks a node against a table without knowing the struct: unknown keys only. For options of several owners in one
/// map.
Result<void> check_keys(const Node& node, const OptionTable& table);

}  // namespace mainstem::config
