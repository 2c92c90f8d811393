// SPDX-License-Identifier: LGPL-2.1-or-later
#include "distributed/meeting.h"

#include <chrono>
#include <exception>
#include <string>
#include <vector>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "distributed/peer_watch.h"
#include "formatted.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

std::string text_of(double seconds) { return formatted("%g s", seconds); }

std::string missing_ranks(c10d::Store& store, int size) {
  std::string ranks;
  for (int rank = 0; rank < size; ++rank) {
    if (!store.check({beat_key(rank)}))
      ranks += (ranks.empty() ? "" : ", ") + std::to_string(rank);
  }
  return ranks;
}

}  // namespace

c10::intrusive_ptr<c10d::Store> open_store(const ProcessOptions& options,
                                           bool serve, double seconds) {
  c10d::TCPStoreOptions tcp;
  tcp.port = static_cast<std::uint16_t>(options.port);
  tcp.isServer = serve && options.rank == 0 && !options.launcher_listens;
  tcp.waitWorkers = false;
  tcp.timeout = milliseconds(seconds);
  tcp.useLibUV = false;  // not every build of LibTorch has it
  const std::string place = options.host + ":" + std::to_string(options.port);
  try {
    return c10::make_intrusive<c10d::PrefixStore>(
        "torchclassify/" + options.attempt,
        c10::make_intrusive<c10d::TCPStore>(options.host, tcp));
  } catch (const std::exception&) {
    if (tcp.isServer)
      throw Error(ErrorCode::kUnreachable,
                  "cannot listen for the other processes at " + place +
                      " (the environment's MASTER_PORT chooses another port)");
    throw Error(ErrorCode::kUnreachable,
                "expected the first process of this training at " + place +
                    " within " + text_of(seconds) + ", got no answer");
  }
}

void meet(c10d::Store& store, const ProcessOptions& options) {
  if (store.add(beat_key(options.rank), 1) != 1)
    throw Error(ErrorCode::kInvalidArgument, "expected one process of rank " +
                                                 std::to_string(options.rank) +
                                                 ", got two");
  std::vector<std::string> keys;
  for (int rank = 0; rank < options.size; ++rank)
    keys.push_back(beat_key(rank));
  try {
    store.wait(keys, milliseconds(options.join_seconds));
  } catch (const std::exception&) {
    std::string missing;
    try {
      missing = " without rank " + missing_ranks(store, options.size);
    } catch (const std::exception&) {
      // The store went with the process that served it.
    }
    throw Error(ErrorCode::kUnreachable,
                "expected " + std::to_string(options.size) +
                    " processes within " + text_of(options.join_seconds) +
                    ", got fewer" + missing);
  }
}

}  // namespace torchclassify
