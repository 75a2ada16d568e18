#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace cluster {

// How often each process has loaded each of the keys "k0", "k1", ...: in memory that the harness
// and all nodes share, so that the loads of a process that was killed are known as well.
struct Ledger {
  static constexpr size_t kProcesses = 8;
  static constexpr size_t kKeys = 65'536;
  static constexpr int kDescriptor = 3;  // of the shared memory, in a node

  std::atomic<uint32_t> loads[kProcesses][kKeys];

  static std::string key(size_t number) { return "k" + std::to_string(number); }

  void count(size_t process, std::string_view key) {
    if (key.size() < 2 || key[0] != 'k') return;
    char* end = nullptr;
    const std::string digits(key.substr(1));
    const size_t number = std::strtoull(digits.c_str(), &end, 10);
    if (*end == '\0' && process < kProcesses && number < kKeys) ++loads[process][number];
  }

  uint32_t total(size_t number) const {
    uint32_t sum = 0;
    for (const auto& process : loads) sum += process[number].load();
    return sum;
  }

  static Ledger* map(int descriptor) {
    void* memory = mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<Ledger*>(memory);
  }
};

}  // namespace cluster
