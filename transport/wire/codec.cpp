#include "transport/wire/codec.h"

#include <new>
#include <utility>

#include "transport/wire/decoder.h"
#include "transport/wire/encoder.h"

namespace distcache::wire {
namespace {

constexpr uint32_t kHeaderElements = 4;  // version, kind, envelope, body

Kind kind_of(const core::Body& body) {
  struct {
    Kind operator()(const core::Hello&) const { return Kind::hello; }
    Kind operator()(const core::Welcome&) const { return Kind::welcome; }
    Kind operator()(const core::Leave&) const { return Kind::leave; }
    Kind operator()(const core::Ping&) const { return Kind::ping; }
    Kind operator()(const core::Pong&) const { return Kind::pong; }
    Kind operator()(const core::ProbeRequest&) const { return Kind::probe_request; }
    Kind operator()(const core::Decline&) const { return Kind::decline; }
    Kind operator()(const core::Gossip&) const { return Kind::gossip; }
    Kind operator()(const core::Batch&) const { return Kind::batch; }
    Kind operator()(const core::Chunk&) const { return Kind::chunk; }
    Kind operator()(const core::LoadGrant&) const { return Kind::load_grant; }
    Kind operator()(const core::Recall&) const { return Kind::recall; }
    Kind operator()(const core::Recalled&) const { return Kind::recalled; }
  } const kinds;
  return std::visit(kinds, body);
}

bool of_membership(Kind kind) { return kind < Kind::batch; }

Error out_of_memory() { return {Status::no_memory, "no memory"}; }  // short: allocates nothing

template <typename Stream>
bool write(Encoder<Stream>& encoder, const core::Message& message) {
  encoder.array(kHeaderElements);
  encoder.number(message.envelope.version);
  encoder.number(static_cast<uint64_t>(kind_of(message.body)));
  return describe(encoder, message.envelope) &&
         std::visit([&](const auto& body) { return describe(encoder, body); }, message.body);
}

bool spoken(uint64_t version) {
  return version >= core::kProtocolVersionMin && version <= core::kProtocolVersion;
}

Result<Parts> encode_throwing(const core::Message& message, Allocator& allocator) {
  if (!spoken(message.envelope.version)) {
    return Error{Status::internal, "a message in protocol version " +
                                       std::to_string(message.envelope.version) +
                                       " cannot be written"};
  }
  Sizer sizer;
  Encoder<Sizer> measuring(sizer, nullptr);
  if (!write(measuring, message)) return std::move(measuring.error());

  const bool membership = of_membership(kind_of(message.body));
  const DecodeLimits limits =
      membership ? DecodeLimits::membership_plane() : DecodeLimits::data_plane();
  const size_t parts_needed = 1 + measuring.parts_used();
  if (sizer.bytes > limits.frame_bytes || parts_needed > limits.parts) {
    return Error{Status::too_large, "a message of " + std::to_string(sizer.bytes) + " bytes and " +
                                        std::to_string(parts_needed) + " parts; at most " +
                                        std::to_string(limits.frame_bytes) + " and " +
                                        std::to_string(limits.parts)};
  }

  Parts parts;
  parts.reserve(parts_needed);
  parts.push_back(Buffer::uninitialized(sizer.bytes, allocator));
  if (parts.front().is_null()) return out_of_memory();
  Filler filler{parts.front().mutable_data()};
  Encoder<Filler> writing(filler, &parts);
  if (!write(writing, message)) return std::move(writing.error());
  return parts;
}

template <typename T>
Result<Footprint> footprint_of(const T& item) {
  try {
    Sizer sizer;
    Encoder<Sizer> encoder(sizer, nullptr);
    if (!describe(encoder, item)) return std::move(encoder.error());
    return Footprint{sizer.bytes, encoder.parts_used()};
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

// The parts as such, before a byte of them is looked at.
Reject check_parts(const Parts& parts, const DecodeLimits& limits) {
  if (parts.empty()) return Reject::truncated;
  if (parts.size() > limits.parts) return Reject::too_many_parts;
  if (parts.front().size() > limits.frame_bytes) return Reject::frame_too_large;
  for (size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].size() > limits::kChunkBytesMax) return Reject::frame_too_large;
  }
  return Reject::none;
}

template <typename T>
bool read_body(Decoder& decoder, core::Body& body) {
  return describe(decoder, body.emplace<T>());
}

bool read_body(Decoder& decoder, uint64_t kind, core::Body& body) {
  switch (static_cast<Kind>(kind)) {
    case Kind::hello:
      return read_body<core::Hello>(decoder, body);
    case Kind::welcome:
      return read_body<core::Welcome>(decoder, body);
    case Kind::leave:
      return read_body<core::Leave>(decoder, body);
    case Kind::ping:
      return read_body<core::Ping>(decoder, body);
    case Kind::pong:
      return read_body<core::Pong>(decoder, body);
    case Kind::probe_request:
      return read_body<core::ProbeRequest>(decoder, body);
    case Kind::decline:
      return read_body<core::Decline>(decoder, body);
    case Kind::gossip:
      return read_body<core::Gossip>(decoder, body);
    case Kind::batch:
      return read_body<core::Batch>(decoder, body);
    case Kind::chunk:
      return read_body<core::Chunk>(decoder, body);
    case Kind::load_grant:
      return read_body<core::LoadGrant>(decoder, body);
    case Kind::recall:
      return read_body<core::Recall>(decoder, body);
    case Kind::recalled:
      return read_body<core::Recalled>(decoder, body);
  }
  return decoder.fail("kind", Reject::unknown_kind);
}

bool known_kind(uint64_t kind) {
  return (kind >= static_cast<uint64_t>(Kind::hello) &&
          kind <= static_cast<uint64_t>(Kind::gossip)) ||
         (kind >= static_cast<uint64_t>(Kind::batch) &&
          kind <= static_cast<uint64_t>(Kind::recalled));
}

// Hello and welcome keep their layout in every version: they are how two versions find out that
// they do not understand each other.
bool version_free(uint64_t kind) {
  return kind == static_cast<uint64_t>(Kind::hello) || kind == static_cast<uint64_t>(Kind::welcome);
}

bool read(Decoder& decoder, const DecodeLimits& limits, core::Message& message) {
  uint32_t elements = 0;
  uint64_t version = 0;
  uint64_t kind = 0;
  if (!decoder.open(elements)) return false;
  if (elements < kHeaderElements) return decoder.fail("message", Reject::missing_field);
  if (!decoder.head("version", version) || !decoder.head("kind", kind)) return false;
  if (version == 0 || version > UINT16_MAX) return decoder.fail("version", Reject::number_range);
  message.envelope.version = static_cast<uint16_t>(version);
  if (!spoken(version) && !version_free(kind)) return decoder.fail("version", Reject::version);
  if (!known_kind(kind)) return decoder.fail("kind", Reject::unknown_kind);
  if (of_membership(static_cast<Kind>(kind)) != limits.membership) {
    return decoder.fail("kind", Reject::wrong_plane);
  }
  return describe(decoder, message.envelope) && read_body(decoder, kind, message.body) &&
         decoder.close(elements - kHeaderElements);
}

Error refusal(Reject reason, const std::string& path, uint16_t version) {
  if (reason == Reject::no_memory) return out_of_memory();
  if (reason == Reject::version) {
    return {Status::unsupported, "the message is in protocol version " + std::to_string(version) +
                                     ", this build understands " +
                                     std::to_string(core::kProtocolVersionMin) + " to " +
                                     std::to_string(core::kProtocolVersion)};
  }
  const Status status =
      reason == Reject::unknown_kind ? Status::unsupported : Status::invalid_argument;
  return {status, path + ": " + std::string(reject_name(reason))};
}

Result<core::Message> decode_throwing(const Parts& parts, const DecodeLimits& limits,
                                      Allocator& allocator, Reject& why) {
  why = check_parts(parts, limits);
  if (why != Reject::none) return refusal(why, "parts", 0);
  core::Message message;
  Decoder decoder(parts, allocator);
  if (read(decoder, limits, message)) return message;
  why = decoder.reject();
  return refusal(why, decoder.path(), message.envelope.version);
}

}  // namespace

Result<Parts> encode(const core::Message& message, Allocator& allocator) {
  try {
    return encode_throwing(message, allocator);
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

Result<Footprint> footprint(const core::Call& call) { return footprint_of(call); }
Result<Footprint> footprint(const core::Reply& reply) { return footprint_of(reply); }

Result<core::Message> decode(const Parts& parts, const DecodeLimits& limits, Reject* why,
                             Allocator& allocator) {
  Reject reason = Reject::none;
  try {
    auto result = decode_throwing(parts, limits, allocator, reason);
    if (why != nullptr) *why = reason;
    return result;
  } catch (const std::bad_alloc&) {
    if (why != nullptr) *why = Reject::no_memory;
    return out_of_memory();
  }
}

std::string_view reject_name(Reject reject) {
  switch (reject) {
    case Reject::none:
      return "none";
    case Reject::truncated:
      return "truncated";
    case Reject::wrong_type:
      return "wrong_type";
    case Reject::forbidden_type:
      return "forbidden_type";
    case Reject::number_range:
      return "number_range";
    case Reject::length:
      return "length";
    case Reject::count:
      return "count";
    case Reject::depth:
      return "depth";
    case Reject::missing_field:
      return "missing_field";
    case Reject::trailing_bytes:
      return "trailing_bytes";
    case Reject::part_order:
      return "part_order";
    case Reject::frame_too_large:
      return "frame_too_large";
    case Reject::too_many_parts:
      return "too_many_parts";
    case Reject::bad_address:
      return "bad_address";
    case Reject::unknown_kind:
      return "unknown_kind";
    case Reject::wrong_plane:
      return "wrong_plane";
    case Reject::version:
      return "version";
    case Reject::no_memory:
      return "no_memory";
  }
  return "unrecognized";
}

}  // namespace distcache::wire
