# make install: the library, its headers, distcache.pc and a CMake package. The tests build programs
# outside the tree against each (tests/packaging).

include(CMakePackageConfigHelpers)

install(TARGETS distcache EXPORT distcacheTargets)
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/distcache)
install(EXPORT distcacheTargets NAMESPACE distcache:: DESTINATION ${package_dir})
configure_package_config_file(cmake/distcacheConfig.cmake.in distcacheConfig.cmake
  INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change what compiles, hence SameMinorVersion.
write_basic_package_version_file(distcacheConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/distcacheConfig.cmake
  ${PROJECT_BINARY_DIR}/distcacheConfigVersion.cmake DESTINATION ${package_dir})

# Relative to the .pc file itself, so that an installation can be moved or staged.
file(RELATIVE_PATH pc_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/distcache.pc.in distcache.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/distcache.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
