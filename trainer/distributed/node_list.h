// SPDX-License-Identifier: LGPL-2.1-or-later
// SLURM's short form for many hosts.
#pragma once

#include <string>

namespace torchclassify {

// "node03" of "node[03-05,9],other". Throws Error kInvalidArgument for a list
// that does not begin with a host.
std::string first_node(const std::string& list);

}  // namespace torchclassify
