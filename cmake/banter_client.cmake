# Builds the JavaScript client and embeds it: `client_files()` of src/server/client_files.h.
#
#   package-lock.json --npm ci--> node_modules --client-js/build.js--> <build>/client/* --.incbin--> library

set(BANTER_CLIENT_FILES
  socket.io.esm.min.js socket.io.esm.min.js.map
  socket.io.js socket.io.js.map
  socket.io.min.js socket.io.min.js.map)

# Says in `result` whether the client can be built, and in one line why not.
function(banter_can_build_client result)
  set(${result} OFF PARENT_SCOPE)
  if(NOT BANTER_CLIENT)
    message(STATUS "BANTER_CLIENT is off: the JavaScript client is not embedded")
    return()
  endif()
  if(NOT EXISTS "${PROJECT_SOURCE_DIR}/client-js/build.js")
    message(STATUS "client-js/build.js is missing: the JavaScript client is not embedded")
    return()
  endif()
  find_program(BANTER_NODE node)
  if(NOT BANTER_NODE)
    message(STATUS "Node not found: the JavaScript client is not embedded")
    return()
  endif()
  execute_process(COMMAND "${BANTER_NODE}" --version OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(version VERSION_LESS v20)
    message(STATUS "${BANTER_NODE} is ${version}, older than 20: the JavaScript client is not embedded")
    unset(BANTER_NODE CACHE)  # the next configuration looks again
    return()
  endif()
  set(${result} ON PARENT_SCOPE)
endfunction()

# Adds the commands that make the client's files, and sets `outputs` to their paths.
function(banter_build_client folder outputs)
  foreach(name IN LISTS BANTER_CLIENT_FILES)
    list(APPEND files "${folder}/${name}" "${folder}/${name}.gz" "${folder}/${name}.br")
  endforeach()
  set(${outputs} ${files} PARENT_SCOPE)

  set(stamp "${PROJECT_BINARY_DIR}/npm-ci.stamp")
  add_custom_command(OUTPUT "${stamp}"
    COMMAND "${BANTER_NODE}" scripts/npm-ci.js
    COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
    DEPENDS "${PROJECT_SOURCE_DIR}/package-lock.json"
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    COMMENT "Installing the npm packages of package-lock.json" VERBATIM)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/client-js/src/*.js")
  add_custom_command(OUTPUT ${files}
    COMMAND "${BANTER_NODE}" client-js/build.js --out "${folder}"
    DEPENDS "${stamp}" ${sources}
      "${PROJECT_SOURCE_DIR}/client-js/build.js" "${PROJECT_SOURCE_DIR}/client-js/package.json"
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    COMMENT "Building the JavaScript client" VERBATIM)
endfunction()

# Gives `target` the definition of `client_files()`, with the client's files if it can be built.
function(banter_embed_client target)
  set(generated "${PROJECT_BINARY_DIR}/client_files")
  set(symbols "")
  set(body "  return {};")
  banter_can_build_client(can_build)
  if(can_build)
    set(folder "${PROJECT_BINARY_DIR}/client")
    banter_build_client("${folder}" outputs)
    banter_embed_files("${folder}" "${generated}.s" symbols body)
    set_source_files_properties("${generated}.s" TARGET_DIRECTORY ${target} PROPERTIES
      OBJECT_DEPENDS "${outputs}")
    target_sources(${target} PRIVATE "${generated}.s")
  endif()
  configure_file("${PROJECT_SOURCE_DIR}/src/server/client_files.cpp.in" "${generated}.cpp" @ONLY)
  target_sources(${target} PRIVATE "${generated}.cpp")
endfunction()

# Writes an assembler file that holds the client's files, and the C++ text that refers to it.
function(banter_embed_files folder assembly_file symbols_out body_out)
  set(assembly "// Generated. Each file of the client between two symbols.\n.section .rodata\n")
  set(symbols "")
  set(entries "")
  set(index 0)
  foreach(name IN LISTS BANTER_CLIENT_FILES)
    set(spans "")
    foreach(suffix "" .gz .br)
      set(symbol "banter_client_file_${index}")
      math(EXPR index "${index} + 1")
      string(APPEND assembly
        ".global ${symbol}\n.hidden ${symbol}\n.global ${symbol}_end\n.hidden ${symbol}_end\n"
        "${symbol}:\n.incbin \"${folder}/${name}${suffix}\"\n${symbol}_end:\n")
      string(APPEND symbols "extern const std::byte ${symbol}[], ${symbol}_end[];\n")
      string(APPEND spans ",\n     {${symbol}, ${symbol}_end}")
    endforeach()
    if(name MATCHES "\\.map$")
      set(type "application/json")
    else()
      set(type "text/javascript; charset=utf-8")
    endif()
    string(APPEND entries "    {\"${name}\", \"${type}\"${spans}},\n")
  endforeach()
  string(APPEND assembly ".section .note.GNU-stack,\"\",%progbits\n")
  file(CONFIGURE OUTPUT "${assembly_file}" CONTENT "${assembly}" @ONLY)
  set(${symbols_out} "${symbols}" PARENT_SCOPE)
  set(${body_out}
    "  static const EmbeddedFile files[] = {\n${entries}  };\n  return files;" PARENT_SCOPE)
endfunction()
