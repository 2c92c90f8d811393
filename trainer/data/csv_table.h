// SPDX-License-Identifier: LGPL-2.1-or-later
// Tables of text with a header line, as data sets carry them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/file_bytes.h"

namespace torchclassify {

// RFC 4180, with any separator: fields may be quoted, and then hold separators,
// doubled quotes and line ends; LF or CRLF; a byte order mark is skipped, empty
// lines are. All errors are Error kBadData, naming origin and the line.
class CsvTable {
 public:
  // origin: the file's path, for errors.
  CsvTable(const FileBytes& file, const std::string& origin, char separator);
  // Fields stay where they are.
  CsvTable(CsvTable&&) = default;

  std::size_t rows() const { return lines_.size(); }
  std::optional<std::size_t> find_column(std::string_view name) const;
  std::size_t column(std::string_view name) const;  // throws if absent
  std::string_view text(std::size_t row, std::size_t column) const;
  // A whole number in [0, count).
  int number(std::size_t row, std::size_t column, int count) const;
  // "PATH line N", for errors.
  std::string where(std::size_t row) const;
  const std::string& where_header() const { return origin_; }

 private:
  void add_record(const std::vector<std::string_view>& fields,
                  std::size_t line);

  std::string origin_;
  std::vector<char> text_;  // the file, quotes resolved in place
  std::vector<std::string_view> header_;
  std::vector<std::string_view> fields_;  // row after row, of text_
  std::vector<std::size_t> lines_;        // of each row, in the file, from 1
};

}  // namespace torchclassify
