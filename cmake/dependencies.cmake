# Third-party libraries as targets named after themselves. Arrow and DuckDB come from script/setup; a system-wide
# Arrow package serves as well when it is found first.
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(LibXml2 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)

function(mainstem_import_arrow name)
  add_library(${name} SHARED IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${MAINSTEM_DEPS_DIR}/arrow/lib/lib${name}.so.2600")
  target_include_directories(${name} SYSTEM INTERFACE "${MAINSTEM_DEPS_DIR}/arrow/include")
endfunction()

if(NOT EXISTS "${MAINSTEM_DEPS_DIR}/arrow/include/arrow/api.h")
  message(FATAL_ERROR "Arrow is not in ${MAINSTEM_DEPS_DIR}: run script/setup first")
endif()
mainstem_import_arrow(arrow)
mainstem_import_arrow(arrow_compute)
mainstem_import_arrow(parquet)

# DuckDB is loaded when first needed (see src/duckdb): its headers only.
add_library(duckdb_headers INTERFACE)
target_include_directories(duckdb_headers SYSTEM INTERFACE "${MAINSTEM_DEPS_DIR}/duckdb/include")

if(MAINSTEM_TESTS)
  find_package(GTest REQUIRED)
endif()
