# What is installed, and where: a tree that can be moved. The program finds its libraries by its own place.
set(private_libraries "lib/mainstem")

install(TARGETS mainstem RUNTIME DESTINATION bin)
foreach(library arrow arrow_compute parquet)
  install(FILES $<TARGET_FILE:${library}> DESTINATION ${private_libraries})
endforeach()
install(FILES "${MAINSTEM_DEPS_DIR}/arrow/licenses/LICENSE.txt" "${MAINSTEM_DEPS_DIR}/arrow/licenses/NOTICE.txt"
        DESTINATION share/doc/mainstem/third-party/arrow)
install(FILES "${MAINSTEM_DEPS_DIR}/duckdb/lib/libduckdb.so" DESTINATION ${private_libraries})
install(FILES "${MAINSTEM_DEPS_DIR}/duckdb/licenses/LICENSE" DESTINATION share/doc/mainstem/third-party/duckdb)

install(FILES "${CMAKE_SOURCE_DIR}/docs/reference/mainstem.1" DESTINATION share/man/man1)
install(FILES "${CMAKE_SOURCE_DIR}/packaging/README.md" "${CMAKE_SOURCE_DIR}/LICENSE" "${CMAKE_SOURCE_DIR}/CHANGELOG.md"
        DESTINATION share/doc/mainstem)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/docs/guide" "${CMAKE_SOURCE_DIR}/docs/reference" DESTINATION share/doc/mainstem
        PATTERN "mainstem.1" EXCLUDE)
# Not below share/doc, which small systems leave out.
install(DIRECTORY "${CMAKE_SOURCE_DIR}/examples/flights" DESTINATION share/mainstem/examples
        PATTERN "out" EXCLUDE PATTERN ".mainstem" EXCLUDE PATTERN "__pycache__" EXCLUDE)

# The completions come from the program that has just been installed, so it must run here.
install(CODE [[
  set(prefix "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
  foreach(pair bash:bash-completion/completions/mainstem zsh:zsh/site-functions/_mainstem fish:fish/vendor_completions.d/mainstem.fish)
    string(REPLACE ":" ";" pair "${pair}")
    list(GET pair 0 shell)
    list(GET pair 1 file)
    execute_process(COMMAND "${prefix}/bin/mainstem" completion ${shell} OUTPUT_VARIABLE script COMMAND_ERROR_IS_FATAL ANY)
    if(shell STREQUAL zsh)
      # zsh loads the file as the completion's function, at its first use: it must then answer that use as well.
      set(script "#compdef mainstem\n${script}_bash_complete -o filenames -F _mainstem\n")
    endif()
    file(WRITE "${prefix}/share/${file}" "${script}")
  endforeach()
]])
