// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reporting/html.h"

#include <nlohmann/json.hpp>

#include "formats/strict_json.h"
#include "reporting/number_text.h"
#include "reporting/text_fields.h"

namespace torchclassify {
namespace {

constexpr char kReplacement[] = "\ufffd";

std::string valid_utf8(const std::string& text) {
  return is_utf8(text)
             ? text
             : nlohmann::json::parse(json_string(text)).get<std::string>();
}

std::string escaped(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '\t':
    case '\n':
      return {c};
    default:
      const auto code = static_cast<unsigned char>(c);
      return code < 0x20 || code == 0x7f ? kReplacement : std::string{c};
  }
}

}  // namespace

std::string escape(const std::string& text) {
  std::string html;
  for (const char c : valid_utf8(text)) html += escaped(c);
  return html;
}

std::string tag(std::string_view opening, std::string_view content) {
  const std::string_view name = opening.substr(0, opening.find(' '));
  std::string html;
  html.reserve(opening.size() + content.size() + name.size() + 5);
  html.append("<").append(opening).append(">").append(content);
  return html.append("</").append(name).append(">");
}

std::string cell(const std::string& text) { return tag("td", escape(text)); }

std::string row_head(const std::string& text) {
  return tag("th scope=row", escape(text));
}

std::string bar_cell(double share, int decimals, const std::string& classes) {
  return tag("td class=" + classes + " style=\"--v:" + fixed(share, 3) + "\"",
             escape(percent(share, decimals)));
}

std::string scrolling(const std::string& name, std::string_view content) {
  return tag("div class=scroll tabindex=0 role=region aria-label=\"" +
                 escape(name) + "\"",
             content) +
         "\n";
}

}  // namespace torchclassify
