#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "core/cluster/actions.h"

namespace distcache::core {

// An address that leads to a member, or may, and the membership link that is kept to it.
struct Contact {
  enum class Answer : uint8_t { none, welcomed, refused, ourselves };

  Address address;
  PeerSlot slot = 0;    // 0: no link is kept, since another address leads to `member` too
  bool listed = false;  // in discovery's latest answer
  bool heard = false;   // named by a member
  bool up = false;
  bool link_refused = false;   // nobody listens there, as of the last try
  bool hello_pending = false;  // said and not answered yet, or not said yet
  uint32_t pings_unanswered = 0;
  uint32_t identity_refusals = 0;  // in a row: another member has our name
  uint64_t told = 0;               // how many had joined when the last Hello was said
  Answer answer = Answer::none;
  MemberId member = 0;  // who answered last; set with lead()
  std::string why;      // of a refusal
  Instant hello_due = Instant::never();
  Instant idle_since;  // since when it leads to no member of the view; never() while it does
};

// The contacts of one node, at most `capacity`, ordered by address so that whatever walks them
// does so in the same order everywhere. References stay valid until the contact is erased.
class Contacts {
 public:
  explicit Contacts(size_t capacity) : capacity_(capacity) {}

  Contact* find(const Address& address);
  Contact* find(PeerSlot slot);
  // The one with the best link to the member; nullptr if none is known.
  Contact* of_member(MemberId member);
  const std::vector<Contact*>& all_of(MemberId member) const;  // by address
  void lead(Contact& contact, MemberId member);

  // nullptr when there is no room. The new contact has no link yet.
  Contact* add(const Address& address, Instant now);
  bool full() const { return by_address_.size() >= capacity_; }
  void erase(Contact& contact);

  void open(Contact& contact, Actions& out);  // under a new slot
  void close(Contact& contact, Actions& out);

  auto begin() { return by_address_.begin(); }
  auto end() { return by_address_.end(); }
  auto begin() const { return by_address_.begin(); }
  auto end() const { return by_address_.end(); }

 private:
  using Where = std::pair<std::string, uint16_t>;

  size_t capacity_;
  std::map<Where, Contact> by_address_;
  std::map<PeerSlot, Contact*> by_slot_;
  std::map<MemberId, std::vector<Contact*>> by_member_;
  PeerSlot last_slot_ = 0;
};

}  // namespace distcache::core
