#include "discovery/nats/message.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "core/cluster/address.h"
#include "core/cluster/record_check.h"

namespace distcache::discovery {
namespace {

constexpr Bytes kMagic = "distcache/";
constexpr size_t kVersionDigitsMax = 5;
constexpr size_t kMessageBytesMax = 4096;  // room for what later versions append
constexpr std::array<Bytes, 3> kKinds = {"ask", "here", "gone"};

// The text up to `end`, which is taken away with it.
Bytes take(Bytes& text, char end) {
  const size_t at = std::min(text.find(end), text.size());
  const Bytes taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

// 1, 2, ...: later versions append lines and change nothing else.
bool is_version(Bytes text) {
  return !text.empty() && text.size() <= kVersionDigitsMax && text.front() != '0' &&
         text.find_first_not_of("0123456789") == Bytes::npos;
}

}  // namespace

std::string format_nats_message(const NatsMessage& message) {
  std::string text(kMagic);
  text += "1 ";
  text += kKinds[static_cast<size_t>(message.kind)];
  text += '\n';
  text += core::format_address(message.address);
  text += '\n';
  text += message.label;
  text += '\n';
  return text;
}

std::optional<NatsMessage> parse_nats_message(Bytes text) {
  if (text.size() > kMessageBytesMax || !text.starts_with(kMagic)) return std::nullopt;
  text.remove_prefix(kMagic.size());
  Bytes first = take(text, '\n');
  if (!is_version(take(first, ' '))) return std::nullopt;
  const auto kind = std::find(kKinds.begin(), kKinds.end(), first);
  if (kind == kKinds.end()) return std::nullopt;
  const Result<core::Address> address = core::parse_address(take(text, '\n'));
  if (!address.ok() || !core::usable(*address)) return std::nullopt;
  const Bytes label = take(text, '\n');
  if (label.empty() || label.size() > limits::kLabelBytesMax) return std::nullopt;
  return NatsMessage{static_cast<NatsMessage::Kind>(kind - kKinds.begin()), *address,
                     std::string(label)};
}

}  // namespace distcache::discovery
