#include "app/text_file.h"

#include "io/durable.h"

namespace mainstem::app {

Result<void> write_text_file(const std::filesystem::path& path, std::string_view text) {
  if (path.has_parent_path()) MS_TRY(io::create_folders(path.parent_path().string()));
  return io::write_text_file(path.string(), text);
}

}  // namespace mainstem::app
