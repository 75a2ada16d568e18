# What the library is made of, gathered in one target that never reaches those who link it.
#
# Debian's CMake files for several of these are missing or broken, so: pkg-config for libzmq, the
# header's path for those that are headers only.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.10 CONFIG REQUIRED)
pkg_check_modules(LIBZMQ REQUIRED IMPORTED_TARGET libzmq>=4.3.4)

# find_header(VAR file package [subfolders...]): one sentence instead of a list of NOTFOUNDs.
function(find_header variable file package)
  find_path(${variable} ${file} PATH_SUFFIXES ${ARGN})
  if(NOT ${variable})
    message(FATAL_ERROR "${file} is missing: install ${package}, or set ${variable} to its folder.")
  endif()
endfunction()
find_header(CPPZMQ_INCLUDE_DIR zmq.hpp cppzmq-dev)
find_header(MSGPACK_INCLUDE_DIR msgpack.hpp libmsgpack-cxx-dev)
find_header(XXHASH_INCLUDE_DIR xxhash.h libxxhash-dev)
find_header(CONCURRENTQUEUE_INCLUDE_DIR concurrentqueue.h libconcurrentqueue-dev
  concurrentqueue moodycamel)

add_library(distcache_dependencies INTERFACE)
# SYSTEM: our warnings are not for other people's headers.
target_include_directories(distcache_dependencies SYSTEM INTERFACE
  ${CPPZMQ_INCLUDE_DIR} ${MSGPACK_INCLUDE_DIR} ${XXHASH_INCLUDE_DIR} ${CONCURRENTQUEUE_INCLUDE_DIR})
target_compile_definitions(distcache_dependencies INTERFACE MSGPACK_NO_BOOST)
target_link_libraries(distcache_dependencies INTERFACE
  PkgConfig::LIBZMQ nlohmann_json::nlohmann_json Threads::Threads)
