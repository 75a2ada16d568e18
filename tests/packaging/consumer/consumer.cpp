#include <distcache.h>

#include <iostream>
#include <string>

int main() {
  const std::string version = distcache_version_string();
  const std::string status = distcache_status_name(DISTCACHE_OK);
  std::cout << "C++: distcache " << version << ", status 0 is " << status << '\n';
  return distcache_version() == DISTCACHE_VERSION && version == PACKAGE_VERSION && status == "OK"
             ? 0
             : 1;
}
