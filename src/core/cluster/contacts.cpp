#include "core/cluster/contacts.h"

#include <algorithm>
#include <tuple>

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
  for (Contact* contact : all_of(member)) {
    if (contact->up) return contact;
    if (best == nullptr || (contact->slot != 0 && best->slot == 0)) best = contact;
  }
  return best;
}

const std::vector<Contact*>& Contacts::all_of(MemberId member) const {
  static const std::vector<Contact*> none;
  const auto found = by_member_.find(member);
  return found == by_member_.end() ? none : found->second;
}

void Contacts::lead(Contact& contact, MemberId member) {
  if (contact.member == member) return;
  if (const auto before = by_member_.find(contact.member); before != by_member_.end()) {
    std::erase(before->second, &contact);
    if (before->second.empty()) by_member_.erase(before);
  }
  contact.member = member;
  if (member == 0) return;
  std::vector<Contact*>& all = by_member_[member];
  const auto behind = [](const Contact* a, const Contact* b) {
    return std::tie(a->address.host, a->address.port) < std::tie(b->address.host, b->address.port);
  };
  all.insert(std::upper_bound(all.begin(), all.end(), &contact, behind), &contact);
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
  lead(contact, 0);
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
