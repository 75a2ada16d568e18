#include "demo/workload/workload.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <random>
#include <sstream>

#include "demo/failure.h"
#include "distcache.h"

namespace demo {
namespace {

std::string contents_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Failure("cannot read " + file);
  std::ostringstream contents;
  contents << stream.rdbuf();
  return std::move(contents).str();
}

// Calls on_line(line, number) for each line that is not empty.
template <typename OnLine>
void each_line(std::string_view text, OnLine on_line) {
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) on_line(line, number);
  }
}

[[noreturn]] void refuse(const std::string& file, size_t line, const std::string& why) {
  throw Failure(file + ":" + std::to_string(line) + ": " + why);
}

uint64_t number_of(std::string_view text, const std::string& file, size_t line) {
  uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) {
    refuse(file, line, "'" + std::string(text) + "' is not a number");
  }
  return number;
}

void check_key(std::string_view key, const std::string& file, size_t line) {
  if (key.empty() || key.size() > DISTCACHE_KEY_BYTES_MAX) {
    refuse(file, line, "a key has 1 to " + std::to_string(DISTCACHE_KEY_BYTES_MAX) + " bytes");
  }
  if (key.find('\0') != std::string_view::npos) refuse(file, line, "the key holds a NUL");
}

}  // namespace

uint32_t Workload::add(std::string_view name) {
  const auto [at, is_new] = index_.try_emplace(std::string(name), keys_.size());
  if (is_new) keys_.push_back({std::string(name), {}, 0, false});
  return at->second;
}

std::optional<uint32_t> Workload::find(std::string_view key) const {
  const auto at = index_.find(std::string(key));
  return at == index_.end() ? std::nullopt : std::optional(at->second);
}

Workload Workload::from_trace(const std::string& file) {
  Workload workload;
  workload.timed_ = true;
  std::optional<uint64_t> first;
  each_line(contents_of(file), [&](std::string_view line, size_t number) {
    if (number == 1) return;
    std::array<std::string_view, 4> fields;
    for (size_t i = 0; i < fields.size(); ++i) {
      const size_t end = std::min(line.find('\t'), line.size());
      fields[i] = line.substr(0, end);
      line.remove_prefix(std::min(end + 1, line.size()));
    }
    if (fields[2] != "200") return;
    check_key(fields[1], file, number);
    const uint64_t at_s = number_of(fields[0], file, number);
    if (!first) first = at_s;
    const uint32_t index = workload.add(fields[1]);
    Key& key = workload.keys_[index];
    key.present = true;
    key.size = std::max<size_t>(key.size, number_of(fields[3], file, number));
    workload.requests_.push_back({index, static_cast<uint32_t>((at_s - *first) * 1000)});
  });
  if (workload.requests_.empty()) throw Failure(file + " holds no request");
  workload.spread_seconds();
  workload.finish();
  return workload;
}

// The clock of the server's log ticks in seconds: the requests of one second are spread over it.
void Workload::spread_seconds() {
  for (size_t first = 0; first < requests_.size();) {
    size_t end = first;
    while (end < requests_.size() && requests_[end].at_ms == requests_[first].at_ms) ++end;
    for (size_t i = first; i < end; ++i) {
      requests_[i].at_ms += static_cast<uint32_t>(1000 * (i - first) / (end - first));
    }
    first = end;
  }
  duration_ms_ = requests_.back().at_ms + 1000;
}

Workload Workload::from_own(const std::string& data_file, const std::string& keys_file) {
  Workload workload;
  each_line(contents_of(data_file), [&](std::string_view line, size_t number) {
    const size_t tab = line.find('\t');
    if (tab == std::string_view::npos) refuse(data_file, number, "no tab between key and value");
    check_key(line.substr(0, tab), data_file, number);
    Key& key = workload.keys_[workload.add(line.substr(0, tab))];
    if (key.present) refuse(data_file, number, "the key '" + key.name + "' is there twice");
    key.value = line.substr(tab + 1);
    key.size = key.value.size();
    key.present = true;
  });
  if (workload.keys_.empty()) throw Failure(data_file + " holds no key");
  if (keys_file.empty()) {
    for (uint32_t i = 0; i < workload.keys_.size(); ++i) workload.requests_.push_back({i, 0});
    std::shuffle(workload.requests_.begin(), workload.requests_.end(), std::mt19937(1995));
  } else {
    each_line(contents_of(keys_file), [&](std::string_view line, size_t number) {
      check_key(line, keys_file, number);
      workload.requests_.push_back({workload.add(line), 0});
    });
    if (workload.requests_.empty()) throw Failure(keys_file + " holds no key");
  }
  workload.finish();
  return workload;
}

void Workload::finish() {
  for (const Key& key : keys_) {
    pages_ += key.present;
    bytes_ += key.size;
    bytes_max_ = std::max<uint64_t>(bytes_max_, key.size);
  }
}

void Workload::copy_value(size_t index, std::string& value) const {
  const Key& key = keys_[index];
  value.clear();
  if (timed_) {
    text_.append(key.name, key.size, value);
  } else {
    value = key.value;
  }
}

bool Workload::matches(size_t index, std::string_view value) const {
  const Key& key = keys_[index];
  return timed_ ? text_.matches(key.name, key.size, value) : value == key.value;
}

Workload read_workload(const Options& options) {
  if (options.data_file.empty()) return Workload::from_trace(DISTCACHE_DEMO_TRACE);
  return Workload::from_own(options.data_file, options.keys_file);
}

}  // namespace demo
