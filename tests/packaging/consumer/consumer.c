#include <distcache.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  printf("C: distcache %s, status 0 is %s\n", distcache_version_string(),
         distcache_status_name(DISTCACHE_OK));
  return distcache_version() == DISTCACHE_VERSION &&
                 strcmp(distcache_version_string(), PACKAGE_VERSION) == 0 &&
                 strcmp(distcache_status_name(DISTCACHE_OK), "OK") == 0
             ? 0
             : 1;
}
