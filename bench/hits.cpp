#include <atomic>
#include <cstdio>
#include <random>
#include <thread>

#include "figures.h"
#include "node.h"

// Local hits through the C API: a view is borrowed, its first byte read, and given back.
namespace bench {
namespace {

constexpr size_t kBatch = 4'096;  // between two looks at the clock

std::vector<std::string> random_keys(uint64_t keys, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::string> order;
  for (size_t i = 0; i < 65'536; ++i) order.push_back(key_of(random() % keys));
  return order;
}

struct Count {
  uint64_t hits = 0, misses = 0, bytes = 0;
};

Count read_for(double seconds, distcache_keyspace_t* keyspace,
               const std::vector<std::string>& order) {
  Count count;
  distcache_view_t view = DISTCACHE_VIEW_INIT;
  const Stopwatch watch;
  for (size_t at = 0; watch.seconds() < seconds;) {
    for (size_t i = 0; i < kBatch; ++i, at = (at + 1) % order.size()) {
      const std::string& key = order[at];
      const auto* bytes = reinterpret_cast<const uint8_t*>(key.data());
      if (distcache_peek_view(keyspace, bytes, key.size(), &view, nullptr) != DISTCACHE_OK) {
        ++count.misses;
        continue;
      }
      count.bytes += view.item.data[0];
      distcache_view_release(&view);
      ++count.hits;
    }
  }
  return count;
}

double copy_for(double seconds, distcache_keyspace_t* keyspace,
                const std::vector<std::string>& order) {
  uint8_t buffer[kValueBytes];
  uint64_t hits = 0;
  const Stopwatch watch;
  for (size_t at = 0; watch.seconds() < seconds;) {
    for (size_t i = 0; i < kBatch; ++i, at = (at + 1) % order.size()) {
      const std::string& key = order[at];
      size_t length = 0;
      const auto* bytes = reinterpret_cast<const uint8_t*>(key.data());
      check(distcache_get_into(keyspace, bytes, key.size(), nullptr, buffer, sizeof buffer, &length,
                               nullptr),
            nullptr, "get_into");
      ++hits;
    }
  }
  return watch.seconds() * 1e9 / static_cast<double>(hits);
}

// Nanoseconds that one hit takes one thread, while `threads` of them do it.
double ns_per_hit(size_t threads, double seconds, distcache_keyspace_t* keyspace, uint64_t keys) {
  std::vector<std::vector<std::string>> orders;
  for (size_t i = 0; i < threads; ++i) orders.push_back(random_keys(keys, 17 + i));
  std::atomic<uint64_t> hits{0}, misses{0};
  std::vector<std::thread> readers;
  for (size_t i = 0; i < threads; ++i) {
    readers.emplace_back([&, i] {
      const Count count = read_for(seconds, keyspace, orders[i]);
      hits += count.hits;
      misses += count.misses;
    });
  }
  for (std::thread& reader : readers) reader.join();
  if (misses > 0) std::fprintf(stderr, "warning: %lu misses among the hits\n", misses.load());
  return seconds * 1e9 * static_cast<double>(threads) / static_cast<double>(hits);
}

}  // namespace

std::string run_hits(const Settings& settings) {
  std::string summary;
  Table table("Local hits, 24 B keys, 1 KiB values, uniform");
  for (const uint64_t keys : {uint64_t{1'000}, uint64_t{200'000}}) {
    Node node({});
    for (uint64_t i = 0; i < keys; ++i) {
      const std::string key = key_of(i);
      const std::string value(kValueBytes, 'v');
      check(distcache_put(node.keyspace(), reinterpret_cast<const uint8_t*>(key.data()), key.size(),
                          reinterpret_cast<const uint8_t*>(value.data()), value.size(), nullptr,
                          nullptr),
            nullptr, "put");
    }
    const std::vector<std::string> order = random_keys(keys, 5);
    std::vector<double> one, two, copied;
    for (int round = 0; round < settings.rounds; ++round) {
      one.push_back(ns_per_hit(1, settings.round_s, node.keyspace(), keys));
      two.push_back(ns_per_hit(2, settings.round_s, node.keyspace(), keys));
      copied.push_back(copy_for(settings.round_s, node.keyspace(), order));
    }
    const std::string of = std::to_string(keys) + " keys";
    table.add("view, 1 thread, " + of, "ns", one);
    table.add("view, 2 threads, " + of, "ns", two);
    table.add("get_into (copies), " + of, "ns", copied);
    char text[96];
    std::snprintf(text, sizeof text, "%shit %.0f ns (1 thread) %.0f ns (2 threads) of %s",
                  summary.empty() ? "" : ", ", spread(one).median, spread(two).median, of.c_str());
    summary += text;
  }
  table.print();
  return summary;
}

}  // namespace bench
