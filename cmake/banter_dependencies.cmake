# What the library links. Included at the top, since imported targets are visible only from there down.
# The installed banter-config.cmake looks for the same, with these versions.

set(BANTER_LIBUV_VERSION 1.44)
set(BANTER_OPENSSL_VERSION 3.0)
set(BANTER_NLOHMANN_JSON_VERSION 3.11)

find_package(PkgConfig REQUIRED)
pkg_check_modules(libuv REQUIRED IMPORTED_TARGET libuv>=${BANTER_LIBUV_VERSION})
find_package(OpenSSL ${BANTER_OPENSSL_VERSION} REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json ${BANTER_NLOHMANN_JSON_VERSION} REQUIRED)
find_package(Threads REQUIRED)
