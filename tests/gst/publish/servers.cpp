// SPDX-License-Identifier: LGPL-2.1-or-later
#include "servers.h"

#include <arpa/inet.h>
#include <glib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace support {
namespace {

sockaddr_in local(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Port 0: one that nobody uses.
int listen_on(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = local(port);
  g_assert_cmpint(
      bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address),
      ==, 0);
  g_assert_cmpint(listen(socket, 16), ==, 0);
  return socket;
}

int port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// -1 if nobody listens.
int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = local(port);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address),
              sizeof address) == 0)
    return socket;
  close(socket);
  return -1;
}

// Copies what there is; false at the end.
bool copy(int from, int to) {
  char bytes[16384];
  const ssize_t count = read(from, bytes, sizeof bytes);
  return count > 0 && send(to, bytes, static_cast<std::size_t>(count),
                           MSG_NOSIGNAL) == count;
}

}  // namespace

int free_port() {
  const int socket = listen_on(0);
  const int port = port_of(socket);
  close(socket);
  return port;
}

bool is_reachable(int port) {
  const int socket = connect_to(port);
  if (socket >= 0)
    close(socket);
  return socket >= 0;
}

Road::Road(int to) : to_(to), port_(free_port()) { open(); }

Road::~Road() { close(); }

void Road::open() {
  open_ = true;
  thread_ = std::thread([this, listener = listen_on(port_)] { run(listener); });
}

void Road::close() {
  open_ = false;
  if (thread_.joinable())
    thread_.join();
}

// One traveller at a time is enough.
void Road::run(int listener) {
  int near = -1;
  int far = -1;
  const auto part = [&] {
    ::close(std::exchange(near, -1));
    ::close(std::exchange(far, -1));
  };
  while (open_) {
    pollfd fds[] = {{near < 0 ? listener : -1, POLLIN, 0},
                    {near, POLLIN, 0},
                    {far, POLLIN, 0}};
    poll(fds, 3, 20);
    if (fds[0].revents) {
      near = accept(listener, nullptr, nullptr);
      far = connect_to(to_);
      if (far < 0)
        part();
    } else if ((fds[1].revents && !copy(near, far)) ||
               (fds[2].revents && !copy(far, near))) {
      part();
    }
  }
  if (near >= 0)
    part();
  ::close(listener);
}

SilentServer::SilentServer() : socket_(listen_on(0)) {
  port_ = port_of(socket_);
}

SilentServer::~SilentServer() { close(socket_); }

}  // namespace support
