#include "format/arrow_ipc/options.h"

namespace mainstem::format::arrow_ipc {

const config::Fields<ReadOptions>& read_fields() {
  using O = ReadOptions;
  static const auto fields =
      config::Fields<O>().optional("end_mark", &O::end_mark,
                                   "required: a stream without the mark at its end counts as cut off. optional: some "
                                   "writers leave it out, and a cut between two batches stays unnoticed.");
  return fields;
}

const config::Fields<WriteOptions>& write_fields() {
  using O = WriteOptions;
  static const auto fields =
      config::Fields<O>()
          .optional("layout", &O::layout,
                    "file: with an index at the end, read in parallel (Feather 2); stream: can be read while it is "
                    "written, for pipes.")
          .optional("compression", &O::compression, "Codec of the buffers; none can be mapped into memory as it is.");
  return fields;
}

}  // namespace mainstem::format::arrow_ipc
