#include "discovery/small_file.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace distcache::discovery {
namespace {

constexpr size_t kBytesMax = 64 * 1024;

Error fault(std::string_view property, const std::string& path, const std::string& sentence) {
  return {Status::invalid_config, std::string(property) + " = " + path + ": " + sentence};
}

}  // namespace

Result<std::string> read_small_file(std::string_view property, const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  if (!file) return fault(property, path, std::generic_category().message(errno));
  std::string text(kBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    return fault(property, path, std::generic_category().message(errno));
  }
  if (text.size() > kBytesMax) return fault(property, path, "larger than 64 KiB");
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  if (text.empty()) return fault(property, path, "the file is empty");
  return text;
}

}  // namespace distcache::discovery
