// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/torch_reason.h"

#include <algorithm>
#include <string_view>

#include <torch/torch.h>

namespace torchclassify {
namespace {

constexpr std::size_t kLongest = 300;  // bytes: a line, not a listing

std::string_view first_line(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
  return text.substr(0, text.find('\n'));
}

// The interpreter puts the reason below its traceback: "RuntimeError: reason".
std::string_view below_traceback(std::string_view text) {
  constexpr std::string_view kMark = "Error: ";
  if (text.find("Traceback of TorchScript") == text.npos)
    return text;
  const std::size_t mark = text.rfind(kMark);
  return mark == text.npos ? text : text.substr(mark + kMark.size());
}

}  // namespace

std::string torch_reason(const std::exception& error) {
  const auto* const from_torch = dynamic_cast<const c10::Error*>(&error);
  const std::string text =
      from_torch ? from_torch->what_without_backtrace() : error.what();
  std::string reason(first_line(below_traceback(text)).substr(0, kLongest));
  while (reason.ends_with('.') || reason.ends_with(' ')) reason.pop_back();
  return reason.empty() ? "LibTorch gave no reason" : reason;
}

}  // namespace torchclassify
