# What may be built in or left out: one switch each, AUTO (in where its library is found), ON
# (required) or OFF. The sources of a feature that is in are compiled, and
# make_provider.cpp knows it as DISTCACHE_HAS_<NAME>, distcache_has_feature by its name in lower case;
# nothing else does, so that a switch rebuilds next to nothing.

# feature(NAME "what it is" PKG_CONFIG_MODULE SOURCE_REGEX)
macro(feature name what module sources)
  set(DISTCACHE_${name} AUTO CACHE STRING "${what}: AUTO, ON or OFF")
  set_property(CACHE DISTCACHE_${name} PROPERTY STRINGS AUTO ON OFF)
  set(feature_found FALSE)
  if(DISTCACHE_${name} STREQUAL AUTO OR DISTCACHE_${name})
    set(feature_required)
    if(NOT DISTCACHE_${name} STREQUAL AUTO)
      set(feature_required REQUIRED)
    endif()
    pkg_check_modules(FEATURE_${name} ${feature_required} IMPORTED_TARGET ${module})
    set(feature_found ${FEATURE_${name}_FOUND})
  endif()
  if(feature_found)
    message(STATUS "DISTCACHE_${name}: ${what}, ${module} ${FEATURE_${name}_VERSION}")
    list(APPEND DISTCACHE_FEATURES DISTCACHE_HAS_${name})
    string(TOLOWER "\"${name}\"" feature_name)
    list(APPEND DISTCACHE_FEATURE_NAMES ${feature_name})
    target_link_libraries(distcache_dependencies INTERFACE PkgConfig::FEATURE_${name})
  else()
    message(STATUS "DISTCACHE_${name}: ${what}, left out")
    list(APPEND DISTCACHE_LEFT_OUT "${sources}")
  endif()
endmacro()

# Paths of sources and tests that belong to no feature of this build.
set(DISTCACHE_LEFT_OUT)
set(DISTCACHE_FEATURES)
set(DISTCACHE_FEATURE_NAMES)

feature(DNS "discovery.provider = dns" libcares "/dns[._][^/]*$")
feature(NATS "discovery.provider = nats" libnats "/(discovery|providers|harness|cluster)/nats")
feature(KUBERNETES "discovery.provider = kubernetes" libcurl "/(discovery|providers)/kubernetes")

# without_left_out(LIST): takes the sources of features that are left out from a list of paths.
macro(without_left_out list)
  foreach(left_out IN LISTS DISTCACHE_LEFT_OUT)
    list(FILTER ${list} EXCLUDE REGEX "${left_out}")
  endforeach()
endmacro()
