#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "demo/database/database.h"

namespace demo {

// Of the server's programs that would be started; throws Failure if there are none.
std::string postgres_version();

// Makes a database cluster in `folder` and runs a server for it alone, reached through a socket in
// that folder: no port, no other database of this machine, is touched. PostgreSQL refuses to run as
// root, so root runs it as the user "postgres". *location is a connection string.
std::unique_ptr<DatabaseServer> start_postgres(const std::filesystem::path& folder,
                                               std::string* location);

}  // namespace demo
