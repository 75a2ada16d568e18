#include <malloc.h>

#include <cstdio>

#include "figures.h"
#include "node.h"

// What an entry costs beyond its key and value: by the library's own count, which limits the
// keyspace, and by what the heap really grew.
namespace bench {
namespace {

double heap_bytes() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

}  // namespace

std::string run_overhead(const Settings&) {
  constexpr uint64_t kEntries = 200'000;
  Table table("Bytes per entry beyond key and value, 200000 entries, 24 B keys");
  std::string summary;
  for (const size_t value_bytes : {size_t{100}, size_t{1024}}) {
    Node node({});
    const std::string value(value_bytes, 'v');
    const double before = heap_bytes();
    for (uint64_t i = 0; i < kEntries; ++i) {
      const std::string key = key_of(i);
      check(distcache_put(node.keyspace(), reinterpret_cast<const uint8_t*>(key.data()), key.size(),
                          reinterpret_cast<const uint8_t*>(value.data()), value.size(), nullptr,
                          nullptr),
            nullptr, "put");
    }
    const double payload = static_cast<double>(kKeyBytes + value_bytes);
    const double entries = static_cast<double>(node.entries());
    const double counted = static_cast<double>(node.bytes()) / entries - payload;
    const double real = (heap_bytes() - before) / entries - payload;
    const std::string of = std::to_string(value_bytes) + " B values";
    table.add("counted by the library, " + of, "bytes", {counted});
    table.add("growth of the heap, " + of, "bytes", {real});
    char text[64];
    std::snprintf(text, sizeof text, "%s%.0f B/entry overhead (%s)", summary.empty() ? "" : ", ",
                  counted, of.c_str());
    summary += text;
  }
  table.print();
  return summary;
}

}  // namespace bench
