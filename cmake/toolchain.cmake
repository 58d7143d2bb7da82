# Compiler settings that hold for every target.
find_program(CCACHE ccache)
if(CCACHE)
  # A precompiled header needs these two allowances, or nothing is ever found in the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
# One precompiled header serves libraries and programs, so both are compiled alike.
add_compile_options(-fPIC)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror)
# libstdc++ 12 with -O2 warns wrongly inside std::string and std::variant.
add_compile_options(-Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds -Wno-dangling-pointer
                    -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # Used for clang-tidy and the fuzz targets; it does not know all of GCC's warnings.
  add_compile_options(-Wno-unknown-warning-option)
endif()
if(CCACHE)
  add_compile_options(-fpch-preprocess)
endif()
if(MAINSTEM_SANITIZE)
  add_compile_options(-fsanitize=${MAINSTEM_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MAINSTEM_SANITIZE})
endif()
find_package(Threads REQUIRED)
