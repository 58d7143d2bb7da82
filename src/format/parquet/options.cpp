#include "format/parquet/options.h"

#include <fmt/format.h>

namespace mainstem::format::parquet {

const config::Fields<ReadOptions>& read_fields() {
  using O = ReadOptions;
  static const auto fields =
      config::Fields<O>().optional("int96", &O::int96,
                                   "Unit of old INT96 timestamps. micros holds all years, nanos those between "
                                   "1677 and 2262; a value that the unit does not hold stops the run.");
  return fields;
}

const config::Fields<WriteOptions>& write_fields() {
  using O = WriteOptions;
  static const auto fields =
      config::Fields<O>()
          .optional("compression", &O::compression, "Codec of the pages.")
          .optional("compression_level", &O::compression_level,
                    "Level of zstd (1 to 22) or gzip (1 to 9). Default: the codec's own.")
          .optional("row_group_size", &O::row_group_size,
                    "A row group ends at this size before encoding; a writer holds about as much in memory.",
                    {.min = 1 << 16, .examples = {"64MiB"}})
          .optional("row_group_rows", &O::row_group_rows, "A row group ends at this many rows, too.",
                    {.min = 1, .max = 1 << 30})
          .optional("dictionary", &O::dictionary, "Store repeated values of a column once per row group.")
          .optional(
              "timestamps", &O::timestamps,
              "micros: what every reader understands; a value with finer digits stops the run. as-is: nanoseconds "
              "stay nanoseconds.");
  return fields;
}

Result<WriteOptions> read_write_options(const config::Node& node) {
  MS_ASSIGN(auto options, write_fields().read(node));
  if (!options.compression_level) return options;
  const int most = options.compression == Codec::zstd ? 22 : options.compression == Codec::gzip ? 9 : 0;
  const int level = *options.compression_level;
  if (level >= 1 && level <= most) return options;
  const auto name = config::Conversion<Codec>::write(options.compression);
  auto message = most == 0 ? fmt::format("compression '{}' has no levels", name)
                           : fmt::format("compression '{}' has levels 1 to {}, not {}", name, most, level);
  const auto* value = node.find("compression_level");
  return Error(ErrorCode::invalid_config, std::move(message))
      .at(value == nullptr ? node.position() : value->position());
}

}  // namespace mainstem::format::parquet
