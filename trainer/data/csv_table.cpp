// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/csv_table.h"

#include <algorithm>
#include <charconv>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr std::size_t kMaxCsvBytes = 256 << 20;

[[noreturn]] void refuse(const std::string& what, const std::string& where) {
  throw Error(ErrorCode::kBadData, "expected " + what + " in " + where);
}

std::string at_line(const std::string& origin, std::size_t line) {
  return origin + " line " + std::to_string(line);
}

// Takes a text apart. Fields become shorter when their quotes go, so they are
// resolved where they stand.
class Parser {
 public:
  Parser(std::vector<char>& text, const std::string& origin, char separator)
      : at_(text.data()),
        end_(text.data() + text.size()),
        origin_(origin),
        separator_(separator) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (std::string_view(at_, text.size()).starts_with(kByteOrderMark))
      at_ += kByteOrderMark.size();
  }

  // The next record that is not an empty line; none at the end.
  std::vector<std::string_view> next() {
    while (at_ != end_ && ends_line()) skip_line_end();
    record_line_ = line_;
    std::vector<std::string_view> fields;
    while (at_ != end_) {
      fields.push_back(*at_ == '"' ? quoted() : plain());
      if (at_ != end_ && *at_ == separator_) {
        if (++at_ == end_)
          fields.emplace_back();
        continue;
      }
      skip_line_end();
      break;
    }
    return fields;
  }

  std::size_t line() const { return record_line_; }  // of the last record

 private:
  bool ends_line() const {
    return *at_ == '\n' || (*at_ == '\r' && at_ + 1 != end_ && at_[1] == '\n');
  }

  void skip_line_end() {
    if (at_ == end_)
      return;
    at_ += *at_ == '\r' ? 2 : 1;
    ++line_;
  }

  std::string_view plain() {
    char* const first = at_;
    while (at_ != end_ && *at_ != separator_ && !ends_line()) ++at_;
    // A last line's lone CR.
    const bool tail = at_ == end_ && at_ != first && at_[-1] == '\r';
    return {first, static_cast<std::size_t>(at_ - first) - (tail ? 1 : 0)};
  }

  std::string_view quoted() {
    char* const first = ++at_;
    char* to = first;
    while (true) {
      if (at_ == end_)
        refuse("an end of the quotes, got none",
               at_line(origin_, record_line_));
      if (*at_ == '"' && (++at_ == end_ || *at_ != '"'))
        break;
      line_ += *at_ == '\n';
      *to++ = *at_++;
    }
    if (at_ != end_ && *at_ != separator_ && !ends_line() &&
        !(*at_ == '\r' && at_ + 1 == end_ && ++at_))
      refuse("a separator after the quotes, got more text",
             at_line(origin_, record_line_));
    return {first, static_cast<std::size_t>(to - first)};
  }

  char* at_;
  char* const end_;
  const std::string& origin_;
  const char separator_;
  std::size_t line_ = 1;
  std::size_t record_line_ = 1;
};

}  // namespace

CsvTable::CsvTable(const FileBytes& file, const std::string& origin,
                   char separator)
    : origin_(origin), text_(file.span().begin(), file.span().end()) {
  if (text_.size() > kMaxCsvBytes)
    refuse("at most 256 MiB of CSV, got more", origin);
  Parser parser(text_, origin_, separator);
  header_ = parser.next();
  if (header_.empty())
    refuse("a header line, got nothing", origin);
  for (auto fields = parser.next(); !fields.empty(); fields = parser.next())
    add_record(fields, parser.line());
}

void CsvTable::add_record(const std::vector<std::string_view>& fields,
                          std::size_t line) {
  if (fields.size() != header_.size())
    refuse(std::to_string(header_.size()) + " fields, got " +
               std::to_string(fields.size()),
           at_line(origin_, line));
  lines_.push_back(line);
  fields_.insert(fields_.end(), fields.begin(), fields.end());
}

std::optional<std::size_t> CsvTable::find_column(std::string_view name) const {
  const auto found = std::find(header_.begin(), header_.end(), name);
  if (found == header_.end())
    return std::nullopt;
  return static_cast<std::size_t>(found - header_.begin());
}

std::size_t CsvTable::column(std::string_view name) const {
  const auto found = find_column(name);
  if (!found)
    refuse("a column \"" + std::string(name) + "\", got none", origin_);
  return *found;
}

std::string_view CsvTable::text(std::size_t row, std::size_t column) const {
  return fields_[row * header_.size() + column];
}

int CsvTable::number(std::size_t row, std::size_t column, int count) const {
  const std::string_view field = text(row, column);
  int value = -1;
  const char* end = field.data() + field.size();
  const auto parsed = std::from_chars(field.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < 0 ||
      value >= count)
    refuse("a " + std::string(header_[column]) + " from 0 to " +
               std::to_string(count - 1) + ", got \"" + std::string(field) +
               "\"",
           where(row));
  return value;
}

std::string CsvTable::where(std::size_t row) const {
  return at_line(origin_, lines_[row]);
}

}  // namespace torchclassify
