// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/csv_table.h"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxCsvBytes = 64 << 20;

std::ifstream open_csv(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    throw Error(ErrorCode::kNotFound,
                "expected a CSV file, got nothing at " + path.string());
  const std::uintmax_t size = fs::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file)
    throw Error(ErrorCode::kCannotRead,
                "expected a readable CSV file at " + path.string());
  if (size > kMaxCsvBytes)
    throw Error(ErrorCode::kBadData,
                "expected a CSV file of at most 64 MiB, "
                "got a larger one at " +
                    path.string());
  return file;
}

std::vector<std::string> fields_of(const std::string& line, char separator) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == separator && !quoted)
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

}  // namespace

CsvTable::CsvTable(const fs::path& path, char separator) : path_(path) {
  std::ifstream file = open_csv(path);
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (number == 1 && line.starts_with("\xef\xbb\xbf"))
      line.erase(0, 3);
    if (line.ends_with('\r'))
      line.pop_back();
    if (line.empty())
      continue;
    auto fields = fields_of(line, separator);
    if (header_.empty()) {
      header_ = std::move(fields);
      continue;
    }
    lines_.push_back(number);
    rows_.push_back(std::move(fields));
    if (rows_.back().size() != header_.size())
      throw Error(ErrorCode::kBadData,
                  "expected " + std::to_string(header_.size()) +
                      " fields, got " + std::to_string(rows_.back().size()) +
                      " in " + where(rows_.size() - 1));
  }
  if (header_.empty())
    throw Error(ErrorCode::kBadData,
                "expected a header line, got nothing in " + path.string());
}

bool CsvTable::has_column(const std::string& name) const {
  return std::find(header_.begin(), header_.end(), name) != header_.end();
}

std::size_t CsvTable::column(const std::string& name) const {
  const auto found = std::find(header_.begin(), header_.end(), name);
  if (found == header_.end())
    throw Error(ErrorCode::kBadData, "expected a column \"" + name +
                                         "\", got none in " + path_.string());
  return static_cast<std::size_t>(found - header_.begin());
}

const std::string& CsvTable::text(std::size_t row, std::size_t column) const {
  return rows_[row][column];
}

int CsvTable::number(std::size_t row, std::size_t column, int count) const {
  const std::string& field = text(row, column);
  int value = -1;
  const char* end = field.data() + field.size();
  const auto parsed = std::from_chars(field.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < 0 ||
      value >= count)
    throw Error(ErrorCode::kBadData,
                "expected a " + header_[column] + " from 0 to " +
                    std::to_string(count - 1) + ", got \"" + field + "\" in " +
                    where(row));
  return value;
}

std::string CsvTable::where(std::size_t row) const {
  return path_.string() + " line " + std::to_string(lines_[row]);
}

}  // namespace torchclassify
