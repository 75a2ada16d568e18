#include "harness/dns_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace cluster {
namespace {

constexpr const char* kProgram = "/usr/sbin/dnsmasq";
constexpr int kSpare = 9;  // a descriptor for which the server has no use
constexpr Milliseconds kPatience{60'000};

int bound(int type, uint16_t& port) {
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    close(fd);
    return -1;
  }
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace

uint16_t free_port() {
  for (int attempt = 0; attempt < 100; ++attempt) {
    uint16_t port = 0;
    const int stream = bound(SOCK_STREAM, port);
    const int datagrams = bound(SOCK_DGRAM, port);
    if (stream >= 0) close(stream);
    if (datagrams >= 0) close(datagrams);
    if (stream >= 0 && datagrams >= 0) return port;
  }
  throw HarnessFailure("no free port");
}

std::string DnsServer::missing() {
  if (access(kProgram, X_OK) == 0) return {};
  const std::string why = std::string("no ") + kProgram + " (package dnsmasq-base)";
  if (std::getenv("CI") != nullptr) ADD_FAILURE() << why;
  return why;
}

DnsServer::DnsServer() : port_(free_port()) {}

void DnsServer::serve(const std::vector<std::string>& records) {
  const passwd* self = getpwuid(geteuid());
  std::vector<std::string> command{kProgram,
                                   "--keep-in-foreground",
                                   "--conf-file=/dev/null",
                                   "--pid-file=",
                                   "--no-resolv",
                                   "--no-hosts",
                                   "--local=/test/",
                                   "--local-ttl=1",
                                   "--listen-address=127.0.0.1",
                                   "--bind-interfaces",
                                   "--log-queries",
                                   "--log-facility=/dev/stdout",
                                   "--port=" + std::to_string(port_)};
  if (self != nullptr) command.push_back(std::string("--user=") + self->pw_name);
  command.insert(command.end(), records.begin(), records.end());
  process_.reset();  // its port is free again
  process_ = std::make_unique<Child>(command, STDERR_FILENO, kSpare);
}

void DnsServer::await_questions(size_t count) {
  const auto until = Clock::now() + kPatience;
  while (count > 0) {
    const std::optional<std::string> line = process_->read_line(until);
    if (!line) throw HarnessFailure("the name server was not asked");
    if (line->find(" query[") != std::string::npos) --count;
  }
}

}  // namespace cluster
