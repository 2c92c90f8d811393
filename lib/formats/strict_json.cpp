// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/strict_json.h"

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace torchclassify {
namespace {

// The parser's complaint without its own prefix, and without the bytes that it
// quotes: they need not be text, and may be megabytes.
std::string complaint(const nlohmann::json::exception& error) {
  constexpr std::size_t kLongest = 200;  // bytes
  std::string text = error.what();
  text.erase(0, text.find("] ") + 2);
  if (text.size() > kLongest)
    text.replace(kLongest, text.npos, "...");
  for (char& byte : text) {
    if (byte < ' ' || byte > '~')
      byte = '?';
  }
  return text;
}

}  // namespace

nlohmann::json parse_strict_json(std::string_view text) {
  constexpr int kMaxDepth = 16;
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> seen;
  const auto check = [&seen](int depth, Event event, nlohmann::json& value) {
    if (depth > kMaxDepth)
      throw std::runtime_error("nesting deeper than " +
                               std::to_string(kMaxDepth));
    if (event == Event::object_start)
      seen.emplace_back();
    else if (event == Event::object_end)
      seen.pop_back();
    else if (event == Event::key &&
             !seen.back().insert(value.get<std::string>()).second)
      throw std::runtime_error(
          "the key " + quoted_text(value.get<std::string>()) + " twice");
    return true;
  };
  // The parser takes a null byte for the end and ignores what follows.
  if (text.find('\0') != std::string_view::npos)
    throw std::runtime_error("a null byte");
  try {
    return nlohmann::json::parse(text.begin(), text.end(), check);
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(complaint(error));
  }
}

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

std::string quoted_text(std::string_view text) {
  constexpr std::size_t kLongest = 80;  // bytes
  const bool cut = text.size() > kLongest;
  return nlohmann::json(text.substr(0, kLongest))
             .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
         (cut ? "..." : "");
}

}  // namespace torchclassify
