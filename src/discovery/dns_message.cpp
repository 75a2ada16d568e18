#include "discovery/dns_message.h"

#include <ares.h>
#include <arpa/inet.h>

#include <memory>
#include <optional>

// c-ares 1.18 has parsers for single types, which tell neither the ttl of SRV and TXT records nor
// the additional section. So the records are walked here (RFC 1035, 4.1), the names by c-ares.
namespace distcache::discovery {
namespace {

constexpr size_t kHeaderBytes = 12;
constexpr size_t kQuestionTailBytes = 4;  // type, class
constexpr uint16_t kClassInternet = 1;
constexpr uint32_t kTtlMax = 0x7fffffff;  // a higher one is none, RFC 2181, 8
constexpr size_t kSrvHeadBytes = 6;       // priority, weight, port

class Reader {
 public:
  explicit Reader(std::span<const uint8_t> message) : message_(message) {}

  bool skip(size_t count) {
    if (message_.size() - at_ < count) return false;
    at_ += count;
    return true;
  }

  template <typename Number>
  bool number(Number& value) {
    const size_t from = at_;
    if (!skip(sizeof value)) return false;
    value = 0;
    for (size_t i = from; i < at_; ++i) value = static_cast<Number>((value << 8) | message_[i]);
    return true;
  }

  bool name(std::string& value) {
    const std::optional<size_t> bytes = name_at(at_, value);
    return bytes && skip(*bytes);
  }

  // The name that stands at an offset; it may refer to others before it.
  std::optional<size_t> name_at(size_t offset, std::string& value) const {
    char* text = nullptr;
    long bytes = 0;
    if (offset >= message_.size()) return std::nullopt;
    if (ares_expand_name(message_.data() + offset, message_.data(),
                         static_cast<int>(message_.size()), &text, &bytes) != ARES_SUCCESS) {
      return std::nullopt;
    }
    const std::unique_ptr<char, void (*)(void*)> owner(text, ares_free_string);
    value = *text == '\0' ? "." : text;
    return static_cast<size_t>(bytes);
  }

  size_t at() const { return at_; }
  std::span<const uint8_t> from(size_t offset, size_t count) const {
    return message_.subspan(offset, count);
  }

 private:
  const std::span<const uint8_t> message_;
  size_t at_ = 0;
};

template <size_t Bytes, size_t Text>
bool read_ip(int family, std::span<const uint8_t> data, std::string& host) {
  char text[Text];
  if (data.size() != Bytes || inet_ntop(family, data.data(), text, sizeof text) == nullptr) {
    return false;
  }
  host = text;
  return true;
}

bool read_text(std::span<const uint8_t> data, std::string& text) {
  while (!data.empty()) {
    const size_t length = data.front();
    if (data.size() < 1 + length) return false;
    for (const uint8_t byte : data.subspan(1, length)) text.push_back(static_cast<char>(byte));
    data = data.subspan(1 + length);
  }
  return true;
}

bool read_srv(const Reader& message, size_t at, std::span<const uint8_t> data, DnsRecord& record) {
  if (data.size() <= kSrvHeadBytes) return false;
  record.port = static_cast<uint16_t>((data[4] << 8) | data[5]);
  const std::optional<size_t> bytes = message.name_at(at + kSrvHeadBytes, record.host);
  return bytes && kSrvHeadBytes + *bytes <= data.size();
}

// One record; false: the message is broken. Of other types and classes nothing is added.
bool read_record(Reader& message, bool additional, std::vector<DnsRecord>* records) {
  DnsRecord record;
  uint16_t type = 0, kind = 0, length = 0;
  if (!message.name(record.owner) || !message.number(type) || !message.number(kind) ||
      !message.number(record.ttl_s) || !message.number(length)) {
    return false;
  }
  const size_t at = message.at();
  if (!message.skip(length)) return false;
  if (records == nullptr || kind != kClassInternet) return true;
  const std::span<const uint8_t> data = message.from(at, length);
  if (record.ttl_s > kTtlMax) record.ttl_s = 0;
  record.additional = additional;
  record.type = static_cast<DnsType>(type);
  bool good = false;
  switch (record.type) {
    case DnsType::a:
      good = read_ip<4, INET_ADDRSTRLEN>(AF_INET, data, record.host);
      break;
    case DnsType::aaaa:
      good = read_ip<16, INET6_ADDRSTRLEN>(AF_INET6, data, record.host);
      break;
    case DnsType::srv:
      good = read_srv(message, at, data, record);
      break;
    case DnsType::txt:
      good = read_text(data, record.text);
      break;
    default:
      return true;
  }
  if (good) records->push_back(std::move(record));
  return good;
}

}  // namespace

Result<std::vector<DnsRecord>> parse_dns(std::span<const uint8_t> message) {
  const Error broken{Status::internal, "the answer is malformed"};
  std::vector<DnsRecord> records;
  Reader reader(message);
  uint16_t questions = 0, answers = 0, authorities = 0, additional = 0;
  if (message.size() < kHeaderBytes || !reader.skip(4) || !reader.number(questions) ||
      !reader.number(answers) || !reader.number(authorities) || !reader.number(additional)) {
    return broken;
  }
  std::string name;
  for (; questions > 0; --questions) {
    if (!reader.name(name) || !reader.skip(kQuestionTailBytes)) return broken;
  }
  for (; answers > 0; --answers) {
    if (!read_record(reader, false, &records)) return broken;
  }
  for (; authorities > 0; --authorities) {
    if (!read_record(reader, false, nullptr)) return broken;
  }
  for (; additional > 0; --additional) {
    if (!read_record(reader, true, &records)) return broken;
  }
  return records;
}

}  // namespace distcache::discovery
