// SPDX-License-Identifier: LGPL-2.1-or-later
// Small tables of text with a header line, as data sets carry them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace torchclassify {

// Fields may be quoted; LF or CRLF; a byte order mark is skipped; empty lines
// are. Throws Error kNotFound, kCannotRead, or kBadData, naming path and line.
class CsvTable {
 public:
  CsvTable(const std::filesystem::path& path, char separator);

  std::size_t rows() const { return rows_.size(); }
  bool has_column(const std::string& name) const;
  std::size_t column(const std::string& name) const;  // throws if absent
  const std::string& text(std::size_t row, std::size_t column) const;
  // A whole number in [0, count).
  int number(std::size_t row, std::size_t column, int count) const;
  // "PATH line N", for errors.
  std::string where(std::size_t row) const;

 private:
  std::filesystem::path path_;
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> lines_;  // of each row, in the file, from 1
};

}  // namespace torchclassify
