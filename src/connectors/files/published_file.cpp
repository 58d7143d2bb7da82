#include "connectors/files/published_file.h"

#include <fmt/format.h>
#include <type_traits>
#include <utility>

namespace mainstem::connectors::files {
namespace {

class PublishedFile final : public io::Input {
 public:
  PublishedFile(std::string place, std::string staged, int64_t bytes, io::InputOptions options)
      : place_(std::move(place)), staged_(std::move(staged)), bytes_(bytes), options_(options) {}

  Result<void> look() {
    MS_ASSIGN(first_, open());
    return {};
  }

  const std::string& name() const override { return place_; }
  std::optional<int64_t> size() const override { return first_->size(); }
  std::optional<int64_t> stored_size() const override { return bytes_; }
  bool seekable() const override { return first_->seekable(); }
  bool rereadable() const override { return true; }

  Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file() override {
    return either([](io::Input& input) { return input.open_file(); });
  }
  Result<std::shared_ptr<arrow::io::InputStream>> open_stream() override {
    return either([](io::Input& input) { return input.open_stream(); });
  }

 private:
  template <class Open>
  std::invoke_result_t<Open, io::Input&> either(const Open& open_it) {
    MS_ASSIGN(auto input, open());
    auto opened = open_it(*input);
    if (opened || opened.error().code() != ErrorCode::not_found) return opened;
    // It was moved, or removed, between the two steps.
    MS_ASSIGN(input, open());
    return open_it(*input);
  }

  // Files only ever move from `staged_` to `place_`: one that is at neither when looked for in this order, and not at
  // `place_` afterwards either, is gone.
  Result<std::shared_ptr<io::Input>> open() const {
    auto input = io::open_local_file(place_, options_);
    if (!input && input.error().code() == ErrorCode::not_found) input = io::open_local_file(staged_, options_);
    if (!input && input.error().code() == ErrorCode::not_found) input = io::open_local_file(place_, options_);
    if (!input && input.error().code() == ErrorCode::not_found)
      return Error(ErrorCode::conflict, fmt::format("{} was published and is gone: another run has replaced it, or "
                                                    "somebody has removed it",
                                                    place_))
          .hint("run again; if it fails again, publish the folder anew with mode replace");
    if (!input) return input;
    if ((*input)->stored_size() != bytes_)
      return Error(ErrorCode::invalid_data, fmt::format("{} has {} bytes, and {} were published", place_,
                                                        (*input)->stored_size().value_or(0), bytes_))
          .hint("somebody else has changed the file; publish the folder anew");
    return input;
  }

  std::string place_;
  std::string staged_;
  int64_t bytes_;
  io::InputOptions options_;
  std::shared_ptr<io::Input> first_;
};

}  // namespace

Result<std::shared_ptr<io::Input>> open_published_file(std::string place, std::string staged, int64_t bytes,
                                                       const io::InputOptions& options) {
  auto file = std::make_shared<PublishedFile>(std::move(place), std::move(staged), bytes, options);
  MS_TRY(file->look());
  return std::shared_ptr<io::Input>(std::move(file));
}

}  // namespace mainstem::connectors::files
