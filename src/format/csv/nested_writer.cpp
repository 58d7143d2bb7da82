#include "format/csv/nested_writer.h"

#include <arrow/api.h>
#include <arrow/extension_type.h>
#include <vector>

#include "base/json.h"
#include "columnar/type_name.h"

namespace mainstem::format::csv {
namespace {

using WriterPointer = std::unique_ptr<CellWriter>;

Result<void> write_member(const CellWriter& writer, int64_t row, std::string& out) {
  if (!writer.is_null(row)) return writer.write_json(row, out);
  out += "null";
  return {};
}

class DictionaryWriter final : public CellWriter {
 public:
  explicit DictionaryWriter(WriterPointer values) : values_(std::move(values)) {}
  void bind(const arrow::Array& array) override {
    array_ = &static_cast<const arrow::DictionaryArray&>(array);
    values_->bind(*array_->dictionary());
  }
  bool is_null(int64_t row) const override {
    return array_->IsNull(row) || values_->is_null(array_->GetValueIndex(row));
  }
  bool free_text() const override { return values_->free_text(); }
  Result<void> write(int64_t row, std::string& out) const override {
    return values_->write(array_->GetValueIndex(row), out);
  }
  Result<void> write_json(int64_t row, std::string& out) const override {
    return values_->write_json(array_->GetValueIndex(row), out);
  }

 private:
  const arrow::DictionaryArray* array_ = nullptr;
  WriterPointer values_;
};

class ExtensionWriter final : public CellWriter {
 public:
  explicit ExtensionWriter(WriterPointer storage) : storage_(std::move(storage)) {}
  void bind(const arrow::Array& array) override {
    storage_->bind(*static_cast<const arrow::ExtensionArray&>(array).storage());
  }
  bool is_null(int64_t row) const override { return storage_->is_null(row); }
  bool free_text() const override { return storage_->free_text(); }
  Result<void> write(int64_t row, std::string& out) const override { return storage_->write(row, out); }
  Result<void> write_json(int64_t row, std::string& out) const override { return storage_->write_json(row, out); }

 private:
  WriterPointer storage_;
};

class JsonCellWriter : public CellWriter {
 public:
  bool free_text() const override { return true; }
  Result<void> write(int64_t row, std::string& out) const override { return write_json(row, out); }
};

template <class ArrayType>
class ListWriter final : public JsonCellWriter {
 public:
  explicit ListWriter(WriterPointer values) : values_(std::move(values)) {}
  void bind(const arrow::Array& array) override {
    array_ = &static_cast<const ArrayType&>(array);
    values_->bind(*array_->values());
  }
  bool is_null(int64_t row) const override { return array_->IsNull(row); }
  Result<void> write_json(int64_t row, std::string& out) const override {
    out += '[';
    const int64_t begin = array_->value_offset(row);
    for (int64_t i = 0; i < array_->value_length(row); ++i) {
      if (i > 0) out += ',';
      MS_TRY(write_member(*values_, begin + i, out));
    }
    out += ']';
    return {};
  }

 private:
  const ArrayType* array_ = nullptr;
  WriterPointer values_;
};

class StructWriter final : public JsonCellWriter {
 public:
  StructWriter(std::vector<std::string> names, std::vector<WriterPointer> members)
      : names_(std::move(names)), members_(std::move(members)) {}
  void bind(const arrow::Array& array) override {
    array_ = &static_cast<const arrow::StructArray&>(array);
    for (size_t i = 0; i < members_.size(); ++i) members_[i]->bind(*array_->field(static_cast<int>(i)));
  }
  bool is_null(int64_t row) const override { return array_->IsNull(row); }
  Result<void> write_json(int64_t row, std::string& out) const override {
    out += '{';
    for (size_t i = 0; i < members_.size(); ++i) {
      if (i > 0) out += ',';
      out += names_[i];
      out += ':';
      MS_TRY(write_member(*members_[i], row, out));
    }
    out += '}';
    return {};
  }

 private:
  const arrow::StructArray* array_ = nullptr;
  std::vector<std::string> names_;  // as JSON
  std::vector<WriterPointer> members_;
};

Result<WriterPointer> make_struct_writer(const arrow::DataType& type, BinaryForm binary) {
  std::vector<std::string> names;
  std::vector<WriterPointer> members;
  for (const auto& field : type.fields()) {
    names.push_back(json_quote(field->name()));
    MS_ASSIGN(auto member, make_cell_writer(*field->type(), binary));
    members.push_back(std::move(member));
  }
  return WriterPointer(std::make_unique<StructWriter>(std::move(names), std::move(members)));
}

template <class ArrayType>
Result<WriterPointer> make_list_writer(const arrow::DataType& type, BinaryForm binary) {
  MS_ASSIGN(auto values, make_cell_writer(*type.field(0)->type(), binary));
  return WriterPointer(std::make_unique<ListWriter<ArrayType>>(std::move(values)));
}

}  // namespace

Result<WriterPointer> make_nested_writer(const arrow::DataType& type, BinaryForm binary) {
  using arrow::Type;
  switch (type.id()) {
    case Type::DICTIONARY: {
      MS_ASSIGN(auto values, make_cell_writer(*static_cast<const arrow::DictionaryType&>(type).value_type(), binary));
      return WriterPointer(std::make_unique<DictionaryWriter>(std::move(values)));
    }
    case Type::EXTENSION: {
      MS_ASSIGN(auto storage, make_cell_writer(*static_cast<const arrow::ExtensionType&>(type).storage_type(), binary));
      return WriterPointer(std::make_unique<ExtensionWriter>(std::move(storage)));
    }
    case Type::LIST: return make_list_writer<arrow::ListArray>(type, binary);
    case Type::LARGE_LIST: return make_list_writer<arrow::LargeListArray>(type, binary);
    case Type::FIXED_SIZE_LIST: return make_list_writer<arrow::FixedSizeListArray>(type, binary);
    case Type::MAP: return make_list_writer<arrow::MapArray>(type, binary);
    case Type::STRUCT: return make_struct_writer(type, binary);
    default: return Error(ErrorCode::unsupported, "a column of " + columnar::type_name(type) + " has no CSV form");
  }
}

}  // namespace mainstem::format::csv
