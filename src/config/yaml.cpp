#include "config/yaml.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <set>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "config/yaml_text.h"

namespace mainstem::config {
namespace {

// Carries an Error through yaml-cpp, which only knows exceptions.
struct Stopped {
  Error error;
};

// Builds Nodes from yaml-cpp's events, so that every limit holds while reading and not afterwards.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const YamlText& text, const YamlLimits& limits) : text_(text), limits_(limits) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    const bool marked = text_.text().substr(std::min<size_t>(text_.text().size(), offset_of(mark))).starts_with("---");
    if (marked) stop(mark, "a second document begins here", "put it into a file of its own");
    stop(mark, "this does not belong to what stands before it", "check the indentation of this line");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_key()) stop(mark, "a key is missing", "write 'key: value'; a key named null needs quotes");
    // Where nothing is written after "key:", yaml-cpp's mark is already at what follows.
    const bool after_key = !frames_.empty() && frames_.back().has_key;
    const bool elsewhere = after_key && frames_.back().key_position.line != place(mark).line;
    auto node = Node::null(elsewhere ? frames_.back().key_position : place(mark));
    add(std::move(node), mark, anchor, Cost{.nodes = 1, .bytes = 0});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    if (text_.has_open_quote(mark.line, mark.column))
      stop(mark, "the quote is not closed", "end the text with its quote");
    if (expects_key()) return begin_entry(mark, anchor, value);
    auto node = Node::scalar(value, place(mark), tag != "?");
    node.set_text_place(text_.text_place(mark.line, mark.column, value));
    add(std::move(node), mark, anchor, Cost{.nodes = 1, .bytes = value.size()});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto it = anchors_.find(anchor);
    if (it == anchors_.end()) stop(mark, "an alias stands inside what it means", "write the value out");
    if (expects_key()) stop(mark, "an alias cannot be a key", "write the key out");
    add(it->second.node, mark, 0, it->second.cost);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(mark, tag, anchor, Node::list({}, place(mark)));
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(mark, tag, anchor, Node::map({}, place(mark)));
  }
  void OnMapEnd() override { end(); }

 private:
  struct Cost {
    size_t nodes = 0;
    size_t bytes = 0;
  };
  struct Frame {
    Node node;
    YAML::Mark mark;
    YAML::anchor_t anchor;
    Cost cost{.nodes = 1, .bytes = 0};
    std::set<std::string> keys;
    bool has_key = false;
    std::string key;
    FilePosition key_position;
  };
  struct Anchored {
    Node node;
    Cost cost;
  };

  FilePosition place(const YAML::Mark& mark) const { return text_.place(mark.line, mark.column); }
  static size_t offset_of(const YAML::Mark& mark) { return static_cast<size_t>(std::max(mark.pos, 0)); }

  [[noreturn]] void stop(const YAML::Mark& mark, const std::string& message, const std::string& hint) const {
    throw Stopped{Error(ErrorCode::invalid_config, message).at(place(mark)).hint(hint)};
  }

  bool expects_key() const { return !frames_.empty() && frames_.back().node.is_map() && !frames_.back().has_key; }

  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!" || tag == "tag:yaml.org,2002:str") return;
    stop(mark, "tags are not understood: " + tag, "leave the tag out; quote a text that looks like a number");
  }

  void begin_entry(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& key) {
    if (anchor != 0) stop(mark, "a key cannot have an anchor", "put the anchor before a value");
    if (key == "<<") stop(mark, "merge keys are not understood: <<", "write the keys out");
    auto& frame = frames_.back();
    if (!frame.keys.insert(key).second)
      stop(mark, fmt::format("key '{}' is there twice", key),
           fmt::format("the first one is at {}", frame.node.key_position(key).to_string()));
    frame.has_key = true;
    frame.key = key;
    frame.key_position = place(mark);
    charge(mark, Cost{.nodes = 0, .bytes = key.size()});
    frame.cost.bytes += key.size();
  }

  void begin(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node node) {
    check_tag(mark, tag);
    if (expects_key())
      stop(mark, "a key must be text", "curly braces hold 'key: value'; quote a reference like \"${env:NAME}\"");
    if (frames_.size() >= limits_.depth) exceed(mark, fmt::format("nested deeper than {} levels", limits_.depth));
    charge(mark, Cost{.nodes = 1, .bytes = 0});
    frames_.push_back(Frame{.node = std::move(node), .mark = mark, .anchor = anchor});
  }

  void end() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    keep(frame.mark, frame.anchor, frame.node, frame.cost);
    place_in_parent(std::move(frame.node), frame.cost);
  }

  void add(Node node, const YAML::Mark& mark, YAML::anchor_t anchor, Cost cost) {
    charge(mark, cost);
    keep(mark, anchor, node, cost);
    place_in_parent(std::move(node), cost);
  }

  // An anchored value is kept a second time, so it costs a second time.
  void keep(const YAML::Mark& mark, YAML::anchor_t anchor, const Node& node, Cost cost) {
    if (anchor == 0) return;
    charge(mark, cost);
    anchors_.insert_or_assign(anchor, Anchored{.node = node, .cost = cost});
  }

  void place_in_parent(Node node, Cost cost) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& frame = frames_.back();
    frame.cost.nodes += cost.nodes;
    frame.cost.bytes += cost.bytes;
    if (frame.node.is_list()) return frame.node.append(std::move(node));
    frame.has_key = false;
    frame.node.add_entry(std::move(frame.key), std::move(node), std::move(frame.key_position));
  }

  void charge(const YAML::Mark& mark, Cost cost) {
    used_.nodes += cost.nodes;
    used_.bytes += cost.bytes;
    if (used_.nodes > limits_.nodes) exceed(mark, fmt::format("more than {} values", limits_.nodes));
    if (used_.bytes > limits_.expanded_bytes)
      exceed(mark, fmt::format("more than {} bytes of text", limits_.expanded_bytes));
  }

  [[noreturn]] void exceed(const YAML::Mark& mark, const std::string& what) const {
    throw Stopped{Error(ErrorCode::resource_exhausted, "too large for a configuration: " + what)
                      .at(place(mark))
                      .hint("split the file, or put data into a data file")};
  }

  const YamlText& text_;
  const YamlLimits& limits_;
  Node root_;
  int documents_ = 0;
  Cost used_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Anchored> anchors_;
};

struct Wording {
  std::string_view theirs;
  std::string_view ours;
  std::string_view hint;
};

// yaml-cpp's messages in words that say what to do.
constexpr std::array kWordings{
    Wording{"illegal map value", "a second ': ' on this line, or a key at the wrong indentation",
            "quote a text that holds ': ', and line keys up with their neighbours"},
    Wording{"end of map not found", "this does not fit into the map around it",
            "line its key up with its neighbours; after a quoted text the line must end"},
    Wording{"end of sequence not found", "this does not fit into the list around it",
            "begin each item with '- ' at the same indentation"},
    Wording{"end of map flow not found", "a '{' is not closed",
            "close it with '}', with commas between the entries; quote texts that hold braces"},
    Wording{"end of sequence flow not found", "a '[' is not closed",
            "close it with ']', with commas between the items"},
    Wording{"illegal flow end", "a bracket closes what was not opened", "remove it, or quote the text it belongs to"},
    Wording{"illegal block entry", "a list item cannot begin here", "put '- ' on a line of its own, or use [a, b]"},
    Wording{"illegal map key", "a key cannot begin here", "check the indentation of this line"},
    Wording{"unknown token", "this character cannot begin a text", "put the text into quotes"},
    Wording{"unexpected character in block scalar", "text stands behind the '|' or '>'",
            "begin the text on the next line"},
    Wording{"the referenced anchor is not defined", "the alias has no anchor",
            "define it before with &name, or quote a text that begins with *"},
    Wording{"bad file", "nested too deeply", "use fewer levels"},
};

Error translate(const YAML::Exception& exception, const YamlText& text) {
  const auto& mark = exception.mark;
  for (int line : {mark.line, mark.line - 1}) {
    const int tab = text.indenting_tab(line);
    if (tab >= 0)
      return Error(ErrorCode::invalid_config, "a tab indents this line")
          .at(text.place(line, tab))
          .hint("YAML is indented with spaces");
  }
  for (const auto& wording : kWordings)
    if (exception.msg.starts_with(wording.theirs))
      return Error(ErrorCode::invalid_config, std::string(wording.ours))
          .at(text.place(mark.line, mark.column))
          .hint(std::string(wording.hint));
  return Error(ErrorCode::invalid_config, "not valid YAML: " + exception.msg).at(text.place(mark.line, mark.column));
}

Result<Node> parse(const YamlText& text, const YamlLimits& limits) {
  Builder builder(text, limits);
  try {
    std::istringstream stream{std::string(text.text())};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Stopped& stopped) {
    return stopped.error;
  } catch (const YAML::Exception& exception) {
    return translate(exception, text);
  } catch (const std::exception& exception) {
    return Error(ErrorCode::invalid_config, std::string("not valid YAML: ") + exception.what());
  }
}

uint32_t hex_escape(std::string_view text) {
  uint32_t code = 0;
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return 0;
  const auto [end, ec] = std::from_chars(text.data() + 2, text.data() + 6, code, 16);
  return ec == std::errc() && end == text.data() + 6 ? code : 0;
}

// JSON writes characters beyond U+FFFF as two escapes, YAML as one; the rest of JSON is YAML.
std::string join_surrogates(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const uint32_t high = hex_escape(text.substr(i));
    const uint32_t low = high >= 0xd800 && high < 0xdc00 ? hex_escape(text.substr(i + 6)) : 0;
    if (low >= 0xdc00 && low < 0xe000) {
      out += fmt::format("\\U{:08x}", 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
      i += 12;
    } else {
      const size_t step = text[i] == '\\' && i + 1 < text.size() ? 2 : 1;
      out += text.substr(i, step);
      i += step;
    }
  }
  return out;
}

}  // namespace

Result<Node> read_yaml(std::string_view text, std::string file, const YamlLimits& limits) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.size() > limits.bytes)
    return Error(ErrorCode::resource_exhausted,
                 fmt::format("too large for a configuration: {} bytes, at most {}", text.size(), limits.bytes))
        .at({.file = std::move(file)})
        .hint("split the file, or put data into a data file");
  const YamlText yaml(text, std::move(file));
  MS_TRY(yaml.check_characters());
  MS_ASSIGN(auto root, parse(yaml, limits));
  // A text without content: what is missing is missing at its beginning.
  if (root.is_null() && root.position().line == 0) root = Node::null(yaml.place(0, 0));
  return root;
}

Result<Node> read_json(std::string_view text, std::string file, const YamlLimits& limits) {
  return read_yaml(join_surrogates(text), std::move(file), limits);
}

Node read_short_value(std::string_view text, const std::string& file) {
  if (text.starts_with('[') && text.ends_with(']'))
    if (auto list = read_yaml(text, file); list && list->is_list()) return *std::move(list);
  return Node::scalar(std::string(text), FilePosition{.file = file}, false);
}

}  // namespace mainstem::config
