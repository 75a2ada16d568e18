#pragma once

#include <optional>
#include <string>

#include "base/buffer.h"
#include "core/message.h"

namespace distcache::discovery {

// What members say to each other over NATS (docs/wire.md, section 9): a few lines of text.
struct NatsMessage {
  enum class Kind : uint8_t {
    ask,   // "who is there?" to the subject, answered to the inbox that it names
    here,  // the answer, and an announcement to the subject
    gone,  // the sender leaves
  };

  Kind kind = Kind::ask;
  core::Address address;  // of the sender
  std::string label;      // of its cluster

  friend bool operator==(const NatsMessage&, const NatsMessage&) = default;
};

std::string format_nats_message(const NatsMessage& message);

// Nothing for anything else than a message of this protocol that names a usable address.
std::optional<NatsMessage> parse_nats_message(Bytes text);

}  // namespace distcache::discovery
