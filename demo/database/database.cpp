#include "demo/database/database.h"

#include "demo/failure.h"

namespace demo {

std::unique_ptr<Database> make_database(const std::string& kind) {
  if (kind == "sqlite") return make_sqlite();
#ifdef DISTCACHE_DEMO_POSTGRES
  return make_postgres();
#else
  throw Failure(
      "this demo was built without PostgreSQL's client library. './dev demo --database postgres' "
      "installs what it needs and builds it anew; by hand: install the packages postgresql and "
      "libpq-dev, then configure and build again");
#endif
}

}  // namespace demo
