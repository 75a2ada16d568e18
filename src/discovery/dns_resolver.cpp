#include "discovery/dns_resolver.h"

#include <ares.h>
#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <new>

namespace distcache::discovery {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kTries = 3;                // of each server, each waiting twice as long as the last
constexpr size_t kQuestionsAtOnce = 64;  // more wait for their turn
constexpr milliseconds kTryMax{1'000};

// Not thread safe by itself in c-ares 1.18.
int initialize_library() {
  static std::once_flag once;
  static int status = ARES_SUCCESS;
  std::call_once(once, [] { status = ares_library_init(ARES_LIB_INIT_ALL); });
  return status;
}

const char* type_name(DnsType type) {
  switch (type) {
    case DnsType::a:
      return "A";
    case DnsType::aaaa:
      return "AAAA";
    case DnsType::srv:
      return "SRV";
    case DnsType::txt:
      return "TXT";
  }
  return "";
}

Error failure(const DnsQuestion& question, const char* why, Status status) {
  return {status, question.name + ' ' + type_name(question.type) + ": " + why};
}

}  // namespace

struct DnsResolver::Channel {
  // A question under way, or answered.
  struct Slot {
    Channel* channel = nullptr;
    DnsQuestion question;
    DnsAnswer answer = std::vector<DnsRecord>{};
  };

  ares_channel channel = nullptr;
  int cancelled = -1;
  bool search = false;
  steady_clock::time_point deadline;
  size_t under_way = 0;

  ~Channel() {
    if (channel != nullptr) ares_destroy(channel);
  }

  void begin(Slot& slot);
  bool wait();
  void stop();
  static void on_answer(void* slot, int status, int timeouts, unsigned char* bytes, int length);
  static DnsAnswer answer_of(const DnsQuestion& question, int status, const unsigned char* bytes,
                             int length);
};

DnsResolver::DnsResolver(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}
DnsResolver::~DnsResolver() = default;

Result<std::unique_ptr<DnsResolver>> DnsResolver::create(const std::vector<std::string>& servers,
                                                         Duration timeout, int cancelled) {
  const auto whole = milliseconds(timeout.as_ms());
  auto channel = std::make_unique<Channel>();
  channel->cancelled = cancelled;
  channel->deadline = steady_clock::now() + whole;
  channel->search = servers.empty();

  ares_options options{};
  options.tries = kTries;
  options.timeout = static_cast<int>(std::clamp(whole / kTries, milliseconds(1), kTryMax).count());
  int status = initialize_library();
  if (status == ARES_SUCCESS) {
    status = ares_init_options(&channel->channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
  }
  if (status == ARES_SUCCESS && !servers.empty()) {
    std::string list;
    for (const std::string& server : servers) list += (list.empty() ? "" : ",") + server;
    status = ares_set_servers_ports_csv(channel->channel, list.c_str());
  }
  if (status == ARES_ENOMEM) throw std::bad_alloc();
  if (status != ARES_SUCCESS) {
    return Error{Status::system, std::string("no resolver: ") + ares_strerror(status)};
  }
  return std::unique_ptr<DnsResolver>(new DnsResolver(std::move(channel)));
}

std::vector<DnsAnswer> DnsResolver::ask(const std::vector<DnsQuestion>& questions) {
  Channel& channel = *channel_;
  // Complete before the first question leaves: c-ares holds references into it until the last one
  // is answered, and nothing in between may throw.
  std::vector<Channel::Slot> slots;
  slots.reserve(questions.size());
  for (const DnsQuestion& question : questions) slots.push_back({&channel, question});
  std::vector<DnsAnswer> answers;
  answers.reserve(slots.size());
  size_t next = 0;
  bool going_on = true;
  while (next < slots.size() || channel.under_way > 0) {
    if (!going_on && channel.under_way == 0) break;
    while (going_on && next < slots.size() && channel.under_way < kQuestionsAtOnce) {
      channel.begin(slots[next++]);
    }
    if (channel.under_way > 0 && !channel.wait()) {
      going_on = false;
      channel.stop();
    }
  }
  for (; next < slots.size(); ++next) {
    slots[next].answer = failure(questions[next], "no time was left to ask", Status::timed_out);
  }
  for (Channel::Slot& slot : slots) answers.push_back(std::move(slot.answer));
  return answers;
}

// The answer may come within this call.
void DnsResolver::Channel::begin(Slot& slot) {
  ++under_way;
  const auto ask = search ? ares_search : ares_query;
  ask(channel, slot.question.name.c_str(), 1 /* class IN */, static_cast<int>(slot.question.type),
      on_answer, &slot);
}

// Until something comes, or it is time to ask again. False: the time is up, or nobody cares.
bool DnsResolver::Channel::wait() {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
  if (left.count() <= 0) return false;
  timeval whole{left.count() / 1'000, left.count() % 1'000 * 1'000};
  timeval next{};
  ares_timeout(channel, &whole, &next);

  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const auto wanted = static_cast<unsigned>(
      ares_getsock(channel, sockets.data(), static_cast<int>(sockets.size())));
  std::array<pollfd, ARES_GETSOCK_MAXNUM + 1> polled{};
  polled[0] = {cancelled, POLLIN, 0};
  nfds_t count = 1;
  for (size_t i = 0; i < sockets.size(); ++i) {
    const bool read = ARES_GETSOCK_READABLE(wanted, i) != 0;
    const bool write = ARES_GETSOCK_WRITABLE(wanted, i) != 0;
    if (!read && !write) continue;
    const int events = (read ? POLLIN : 0) | (write ? POLLOUT : 0);
    polled[count++] = {sockets[i], static_cast<int16_t>(events), 0};
  }
  const int ready = poll(polled.data(), count,
                         static_cast<int>(next.tv_sec * 1'000 + (next.tv_usec + 999) / 1'000));
  if (polled[0].revents != 0) return false;
  for (nfds_t i = 1; i < count; ++i) {
    const int16_t events = polled[i].revents;
    if (ready <= 0 || events == 0) continue;
    ares_process_fd(channel, (events & ~POLLOUT) != 0 ? polled[i].fd : ARES_SOCKET_BAD,
                    (events & POLLOUT) != 0 ? polled[i].fd : ARES_SOCKET_BAD);
  }
  ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what is due
  return true;
}

// Every question under way is answered with ARES_ECANCELLED before this returns.
void DnsResolver::Channel::stop() { ares_cancel(channel); }

void DnsResolver::Channel::on_answer(void* argument, int status, int, unsigned char* bytes,
                                     int length) {
  auto& slot = *static_cast<Slot*>(argument);
  --slot.channel->under_way;
  try {
    slot.answer = answer_of(slot.question, status, bytes, length);
  } catch (...) {  // c-ares is C: nothing passes through it
    slot.answer = Error{Status::no_memory, {}};
  }
}

DnsAnswer DnsResolver::Channel::answer_of(const DnsQuestion& question, int status,
                                          const unsigned char* bytes, int length) {
  switch (status) {
    case ARES_SUCCESS:
      break;
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
      return std::vector<DnsRecord>{};
    case ARES_ECANCELLED:
    case ARES_ETIMEOUT:
      return failure(question, "no name server answered in time", Status::timed_out);
    case ARES_ENOMEM:
      return Error{Status::no_memory, {}};
    default:
      return failure(question, ares_strerror(status), Status::peer_unreachable);
  }
  DnsAnswer answer = parse_dns({bytes, static_cast<size_t>(length)});
  if (!answer.ok()) return failure(question, answer.error().message.c_str(), Status::internal);
  return answer;
}

}  // namespace distcache::discovery
