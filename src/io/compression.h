#pragma once

#include <arrow/io/type_fwd.h>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/input.h"

namespace mainstem::io {

/// How many first bytes `detect_compression` wants to see (fewer if there are no more).
constexpr size_t kMagicBytes = 4;

/// What the first bytes say: gzip (RFC 1952) begins with 1F 8B, zstd (RFC 8878) with 28 B5 2F FD.
Compression detect_compression(std::string_view first_bytes);
/// What the ending of a name says: ".gz", ".zst" (and ".gzip", ".zstd"), letter case ignored.
Compression compression_of_name(std::string_view name);
/// The name without the ending that `compression_of_name` understood.
std::string_view without_compression_ending(std::string_view name);
std::string_view to_string(Compression compression);

/// The compression that holds for an object: its content decides. Errors: invalid_data if the name promises a
/// compression that the content does not have.
Result<Compression> settle_compression(std::string_view name, std::string_view first_bytes);

/// The decompressed bytes of `stored`: all members or frames one after the other. An object that ends in the middle, is
/// damaged or goes on behind its last member gives Status::Invalid at the read. `name` is for messages.
Result<std::shared_ptr<arrow::io::InputStream>> decompress(std::shared_ptr<arrow::io::InputStream> stored,
                                                           Compression compression, std::string name);

/// A stream that compresses into `stored` as one member or frame. Its `Close` writes the end but leaves `stored` open.
/// `level` 0 = the usual one (gzip 6, zstd 3). `Tell` counts uncompressed bytes.
Result<std::shared_ptr<arrow::io::OutputStream>> compress(std::shared_ptr<arrow::io::OutputStream> stored,
                                                          Compression compression, int level = 0);

}  // namespace mainstem::io
