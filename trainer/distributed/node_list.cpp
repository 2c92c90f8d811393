// SPDX-License-Identifier: LGPL-2.1-or-later
#include "distributed/node_list.h"

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

[[noreturn]] void throw_no_list(const std::string& list) {
  throw Error(
      ErrorCode::kInvalidArgument,
      "expected a list of hosts as SLURM writes it, got \"" + list + "\"");
}

}  // namespace

std::string first_node(const std::string& list) {
  std::string node;
  std::size_t at = 0;
  while (at < list.size() && list[at] != ',') {
    if (list[at] != '[') {
      node += list[at++];
      continue;
    }
    const std::size_t end = list.find(']', at);
    const std::size_t first = list.find_first_of("-,]", at);
    if (end == std::string::npos || first == at + 1)
      throw_no_list(list);
    node += list.substr(at + 1, first - at - 1);
    at = end + 1;
  }
  if (node.empty() || node.find(']') != std::string::npos)
    throw_no_list(list);
  return node;
}

}  // namespace torchclassify
