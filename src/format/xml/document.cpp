#include "format/xml/document.h"

#include <algorithm>
#include <arrow/io/interfaces.h>
#include <cstring>
#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "columnar/status.h"

namespace mainstem::format::xml {
namespace {

constexpr int64_t kChunkBytes = int64_t{64} << 10;
// The encoding is told by the first bytes (XML 1.0, appendix F).
constexpr int kFirstBytes = 4;

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

// In one line, without the blanks at its end.
std::string message_of(const xmlError& error) {
  std::string message = error.message == nullptr ? "unknown error" : error.message;
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  std::ranges::replace(message, '\n', ' ');
  return message;
}

struct FreeParser {
  void operator()(xmlParserCtxt* parser) const {
    if (parser->myDoc != nullptr) xmlFreeDoc(parser->myDoc);
    parser->myDoc = nullptr;
    xmlFreeParserCtxt(parser);
  }
};

class PushedDocument final : public Document {
 public:
  PushedDocument(std::string name, std::shared_ptr<arrow::io::InputStream> stream, const ReadOptions& options,
                 RowPath path)
      : name_(std::move(name)),
        stream_(std::move(stream)),
        path_(std::move(path)),
        keep_namespaces_(options.keep_namespaces),
        record_({.max_depth = options.max_depth,
                 .max_bytes = options.max_record.bytes,
                 .max_attribute_bytes = options.max_attribute.bytes}) {}

  Result<bool> advance(const Take& take) override {
    MS_ASSIGN_DURING(const auto chunk, columnar::from_arrow(stream_->Read(kChunkBytes)), "reading " + name_);
    const auto* bytes = reinterpret_cast<const char*>(chunk->data());
    int size = static_cast<int>(chunk->size());
    if (parser_ == nullptr) {
      const int first = std::min(size, kFirstBytes);
      MS_TRY(begin(bytes, first));
      bytes += first;
      size -= first;
    }
    take_ = &take;
    at_end_ = chunk->size() == 0;
    parse(bytes, size);
    take_ = nullptr;
    if (failure_) return std::move(*failure_);
    // A parser that has stopped passes over all that is left, and still calls the document well-formed.
    if (parser_->disableSAX != 0 || parser_->wellFormed == 0)
      return Error(ErrorCode::internal, "the XML parser gave no reason for its failure");
    return !at_end_;
  }

  const Outline& outline() const override { return outline_; }

 private:
  Result<void> begin(const char* bytes, int size) {
    xmlSAXHandler handler{};
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = [](void* self, const xmlChar* local, const xmlChar* prefix, const xmlChar*, int,
                                const xmlChar**, int attributes, int, const xmlChar** values) {
      static_cast<PushedDocument*>(self)->start(local, prefix, attributes, values);
    };
    handler.endElementNs = [](void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
      static_cast<PushedDocument*>(self)->end();
    };
    handler.characters = [](void* self, const xmlChar* text, int length) {
      static_cast<PushedDocument*>(self)->text({reinterpret_cast<const char*>(text), static_cast<size_t>(length)});
    };
    handler.ignorableWhitespace = handler.characters;
    handler.cdataBlock = handler.characters;
    handler.entityDecl = [](void* self, const xmlChar* name, int, const xmlChar*, const xmlChar*, xmlChar*) {
      static_cast<PushedDocument*>(self)->refuse_entity("defines", name);
    };
    handler.getEntity = [](void* self, const xmlChar* name) -> xmlEntityPtr {
      static_cast<PushedDocument*>(self)->refuse_entity("refers to", name);
      return nullptr;
    };
    handler.getParameterEntity = handler.getEntity;
    handler.serror = [](void* self, xmlError* error) { static_cast<PushedDocument*>(self)->note(*error); };
    parser_.reset(xmlCreatePushParserCtxt(&handler, this, bytes, size, nullptr));
    if (parser_ == nullptr) return Error(ErrorCode::resource_exhausted, "no memory for an XML parser");
    xmlCtxtUseOptions(parser_.get(), XML_PARSE_NONET);
    return {};
  }

  // What is wrong with the encoding is told not to the handler of the parser, but to that of the thread.
  void parse(const char* bytes, int size) {
    xmlSetStructuredErrorFunc(
        this, [](void* self, xmlError* error) { static_cast<PushedDocument*>(self)->note_encoding(*error); });
    xmlParseChunk(parser_.get(), bytes, size, at_end_ ? 1 : 0);
    xmlSetStructuredErrorFunc(nullptr, nullptr);
  }

  void fail(Error error) {
    if (!failure_) failure_ = std::move(error);
    xmlStopParser(parser_.get());
  }

  Error damaged(std::string message, int line) const {
    return Error(ErrorCode::invalid_data, std::move(message)).at({.file = name_, .line = line});
  }

  void refuse_entity(std::string_view verb, const xmlChar* name) {
    const int line = parser_->input == nullptr ? 0 : parser_->input->line;
    fail(damaged(fmt::format("the document {} the entity '{}'; entities are not expanded", verb, view(name)), line)
             .hint("write the text itself, or its characters as references such as &#233;"));
  }

  // Everything but what breaks the document is no concern of ours.
  void note(const xmlError& error) {
    if (error.level != XML_ERR_FATAL || failure_) return;
    // The parser calls all that is wrong at the end "extra content".
    const bool cut_off = at_end_ && error.code == XML_ERR_DOCUMENT_END && (depth_ > 0 || !root_seen_);
    if (cut_off) {
      failure_ = damaged("not well-formed XML: the document ends before its root element does", error.line);
      return;
    }
    failure_ = damaged("not well-formed XML: " + message_of(error), error.line);
  }

  void note_encoding(const xmlError& error) {
    if (failure_) return;
    const int line = parser_->input == nullptr ? 0 : parser_->input->line;
    failure_ = damaged("the document is not in the encoding that it declares: " + message_of(error), line)
                   .hint("the mistake is on this line or behind it; save the document anew, best in UTF-8");
  }

  std::string_view full_name(const xmlChar* local, const xmlChar* prefix, std::string& storage) const {
    if (!keep_namespaces_ || prefix == nullptr) return view(local);
    storage = fmt::format("{}:{}", view(prefix), view(local));
    return storage;
  }

  // Line of the tag whose attributes were just read. Within a tag, '<' stands only at its beginning.
  int64_t line_of_tag() const {
    const auto* input = parser_->input;
    int64_t line = input->line;
    for (const auto* at = input->cur; at > input->base && *(at - 1) != '<'; --at)
      if (*(at - 1) == '\n') --line;
    return line;
  }

  // Whether an element at the present depth is a record.
  bool is_record(std::string_view name) {
    if (path_.anywhere) return name == path_.steps.front();
    if (path_.steps.empty()) return depth_ == 1;
    if (matched_ != depth_ || depth_ >= path_.steps.size() || name != path_.steps[depth_]) return false;
    ++matched_;
    if (matched_ + 1 == path_.steps.size()) outline_.parent_seen = true;
    return matched_ == path_.steps.size();
  }

  void start(const xmlChar* local, const xmlChar* prefix, int attributes, const xmlChar** values) {
    if (failure_) return;
    const auto name = full_name(local, prefix, element_name_);
    root_seen_ = true;
    if (depth_ == 1) ++outline_.children_of_root;
    if (in_record_) {
      record_.open(name);
    } else if (is_record(name)) {
      in_record_ = true;
      record_.begin(name, line_of_tag());
    }
    ++depth_;
    if (!in_record_) return;
    constexpr int fields = 5;  // local name, prefix, URI, beginning and end of the value
    for (int i = 0; i < attributes * fields; i += fields) {
      const auto* first = reinterpret_cast<const char*>(values[i + 3]);
      const auto* last = reinterpret_cast<const char*>(values[i + 4]);
      const std::string_view value(first, static_cast<size_t>(last - first));
      if (!is_text(value)) return;
      record_.add_attribute(full_name(values[i], values[i + 1], attribute_name_), value);
    }
  }

  void end() {
    if (failure_) return;
    --depth_;
    const bool ended = in_record_ && record_.close();
    if (ended) {
      in_record_ = false;
      if (auto taken = (*take_)(record_); !taken) fail(std::move(taken).error());
    }
    matched_ = std::min(matched_, depth_);
  }

  void text(std::string_view text) {
    if (in_record_ && !failure_ && is_text(text)) record_.add_text(text);
  }

  // The parser lets overlong forms in CDATA pass.
  bool is_text(std::string_view text) {
    if (is_utf8(text)) return true;
    fail(
        damaged("not well-formed XML: bytes that are not UTF-8", parser_->input == nullptr ? 0 : parser_->input->line));
    return false;
  }

  std::string name_;
  std::shared_ptr<arrow::io::InputStream> stream_;
  RowPath path_;
  bool keep_namespaces_;
  std::unique_ptr<xmlParserCtxt, FreeParser> parser_;
  const Take* take_ = nullptr;
  std::optional<Error> failure_;
  Outline outline_;
  size_t depth_ = 0;
  size_t matched_ = 0;  // steps of the path that the open elements follow
  bool in_record_ = false;
  bool root_seen_ = false;
  bool at_end_ = false;
  Record record_;
  std::string element_name_;
  std::string attribute_name_;
};

}  // namespace

Result<std::unique_ptr<Document>> open_document(io::Input& input, const ReadOptions& options) {
  MS_ASSIGN(auto path, parse_row_path(options.row));
  MS_ASSIGN_DURING(auto stream, input.open_stream(), "opening " + input.name());
  return std::unique_ptr<Document>(
      std::make_unique<PushedDocument>(input.name(), std::move(stream), options, std::move(path)));
}

}  // namespace mainstem::format::xml
