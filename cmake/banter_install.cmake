# `cmake --install`: headers, library, find_package(banter) and pkg-config.
include(CMakePackageConfigHelpers)

set(banter_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/banter")

install(TARGETS banter EXPORT banter-targets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/banter" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")

# llhttp is in the library, unless it came as a package of its own.
get_target_property(libraries banter LINK_LIBRARIES)
string(REGEX MATCH "llhttp::[a-z_]+" banter_llhttp_target "${libraries}")

# find_package(banter)
install(EXPORT banter-targets NAMESPACE banter:: DESTINATION ${banter_cmake_dir})
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/banter-config.cmake.in"
  "${PROJECT_BINARY_DIR}/banter-config.cmake" INSTALL_DESTINATION ${banter_cmake_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/banter-config-version.cmake"
  COMPATIBILITY SameMinorVersion)  # before 1.0 a minor version may break what was
install(FILES "${PROJECT_BINARY_DIR}/banter-config.cmake" "${PROJECT_BINARY_DIR}/banter-config-version.cmake"
  DESTINATION ${banter_cmake_dir})

# pkg-config: users of the shared library need only what the headers include; a static one also what it calls.
set(private_packages
  "libuv >= ${BANTER_LIBUV_VERSION}, openssl >= ${BANTER_OPENSSL_VERSION}, zlib")
set(banter_pc_requires "nlohmann_json >= ${BANTER_NLOHMANN_JSON_VERSION}")
set(banter_pc_libs "")
if(BUILD_SHARED_LIBS)
  set(banter_pc_requires_private "${private_packages}")
else()
  set(banter_pc_requires_private "")
  string(APPEND banter_pc_requires ", ${private_packages}")
  set(banter_pc_libs "-pthread")
endif()
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
  BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" OUTPUT_VARIABLE banter_pc_prefix)
configure_file("${CMAKE_CURRENT_LIST_DIR}/banter.pc.in" "${PROJECT_BINARY_DIR}/banter.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/banter.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
