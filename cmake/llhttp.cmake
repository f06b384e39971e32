# llhttp, the HTTP/1.1 parser of Node: its own package where there is one, else the C sources that Debian's node-llhttp
# installs, compiled into the library with hidden symbols and without our warnings.
#
# Sets BANTER_LLHTTP_PACKAGE when the package is used, so that an installed static banter can ask for it again.

function(banter_link_llhttp target)
  find_package(llhttp QUIET CONFIG)
  foreach(candidate llhttp::llhttp_static llhttp::llhttp_shared llhttp::llhttp)
    if(TARGET ${candidate})
      target_link_libraries(${target} PRIVATE ${candidate})
      set(BANTER_LLHTTP_PACKAGE ON PARENT_SCOPE)
      return()
    endif()
  endforeach()

  find_path(LLHTTP_INCLUDE_DIR llhttp.h PATHS /usr/share/include /usr/local/share/include PATH_SUFFIXES llhttp)
  find_path(LLHTTP_SOURCE_DIR llhttp.c PATHS /usr/share /usr/local/share PATH_SUFFIXES llhttp)
  if(NOT LLHTTP_INCLUDE_DIR OR NOT LLHTTP_SOURCE_DIR)
    message(FATAL_ERROR "llhttp was not found: install Debian's node-llhttp, or a build of llhttp with its CMake package")
  endif()

  # Objects, not a library: nothing to install or export beside banter itself.
  add_library(banter_llhttp OBJECT
    ${LLHTTP_SOURCE_DIR}/api.c ${LLHTTP_SOURCE_DIR}/http.c ${LLHTTP_SOURCE_DIR}/llhttp.c)
  set_target_properties(banter_llhttp PROPERTIES C_VISIBILITY_PRESET hidden POSITION_INDEPENDENT_CODE ON)
  target_include_directories(banter_llhttp SYSTEM PRIVATE ${LLHTTP_INCLUDE_DIR})
  target_compile_options(banter_llhttp PRIVATE -w)
  if(BANTER_SANITIZE)
    target_compile_options(banter_llhttp PRIVATE -fsanitize=${BANTER_SANITIZE} -fno-omit-frame-pointer)
  endif()
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:banter_llhttp>)
  target_include_directories(${target} SYSTEM PRIVATE ${LLHTTP_INCLUDE_DIR})
endfunction()
