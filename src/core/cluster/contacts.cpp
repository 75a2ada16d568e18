#include "core/cluster/contacts.h"

namespace distcache::core {

Contact* Contacts::find(const Address& address) {
  const auto found = by_address_.find(Where(address.host, address.port));
  return found == by_address_.end() ? nullptr : &found->second;
}

Contact* Contacts::find(PeerSlot slot) {
  const auto found = by_slot_.find(slot);
  return found == by_slot_.end() ? nullptr : found->second;
}

Contact* Contacts::of_member(MemberId member) {
  Contact* best = nullptr;
  for (auto& [where, contact] : by_address_) {
    if (contact.member != member) continue;
    if (contact.up) return &contact;
    if (best == nullptr || (contact.slot != 0 && best->slot == 0)) best = &contact;
  }
  return best;
}

Contact* Contacts::add(const Address& address, Instant now) {
  if (full()) return nullptr;
  Contact& contact = by_address_[Where(address.host, address.port)];
  contact.address = address;
  contact.idle_since = now;
  return &contact;
}

void Contacts::erase(Contact& contact) {
  by_slot_.erase(contact.slot);
  by_address_.erase(Where(contact.address.host, contact.address.port));
}

void Contacts::open(Contact& contact, Actions& out) {
  contact.slot = ++last_slot_;
  contact.up = false;
  contact.link_refused = false;
  contact.pings_unanswered = 0;
  by_slot_[contact.slot] = &contact;
  out.emplace_back(OpenMembership{contact.slot, contact.address});
}

void Contacts::close(Contact& contact, Actions& out) {
  if (contact.slot == 0) return;
  by_slot_.erase(contact.slot);
  out.emplace_back(CloseMembership{contact.slot});
  contact.slot = 0;
  contact.up = false;
  contact.hello_pending = false;
}

}  // namespace distcache::core
