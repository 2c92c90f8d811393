// SPDX-License-Identifier: LGPL-2.1-or-later
// A CSV file that names pictures, or regions of them, with their labels.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "data/csv_table.h"
#include "data/layouts.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

constexpr char kLabelSeparator = '|';

struct Region {
  int x = 0, y = 0, width = 0, height = 0;  // pixels

  std::string text() const {
    return std::to_string(x) + "," + std::to_string(y) + "," +
           std::to_string(width) + "x" + std::to_string(height);
  }
};

struct Item {
  fs::path path;
  std::vector<int> labels;  // ascending
  std::string group;        // empty: the path
  std::optional<Region> region;
  std::size_t row;
};

[[noreturn]] void refuse(const std::string& what, const std::string& where) {
  throw Error(ErrorCode::kBadData, "expected " + what + " in " + where);
}

std::vector<std::string> parts_of(std::string_view labels) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; !labels.empty() && at <= labels.size();) {
    const std::size_t end =
        std::min(labels.find(kLabelSeparator, at), labels.size());
    parts.emplace_back(labels.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end)
    return std::nullopt;
  return value;
}

// By number if all are numbers, else by name.
std::vector<std::string> sorted_labels(const std::set<std::string>& labels) {
  std::vector<std::string> sorted(labels.begin(), labels.end());
  if (std::all_of(sorted.begin(), sorted.end(), number_of))
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const std::string& a, const std::string& b) {
                       return *number_of(a) < *number_of(b);
                     });
  return sorted;
}

// The columns that a manifest may have; others are left alone.
class Columns {
 public:
  explicit Columns(const CsvTable& table) {
    path = table.column("path");
    label = table.column("label");
    split = table.find_column("split");
    group = table.find_column("group");
    const std::optional<std::size_t> columns[] = {
        table.find_column("x"), table.find_column("y"),
        either_column(table, "width", "w"),
        either_column(table, "height", "h")};
    const auto present =
        std::count_if(std::begin(columns), std::end(columns),
                      [](const auto& column) { return column.has_value(); });
    if (present != 0 && present != 4)
      refuse("x, y, width and height, or none of them, got " +
                 std::to_string(present) + " of these columns",
             table.where_header());
    for (const auto& column : columns) {
      if (column)
        region.push_back(*column);
    }
  }

  std::size_t path, label;
  std::optional<std::size_t> split, group;
  std::vector<std::size_t> region;  // x, y, width, height; or empty

 private:
  static std::optional<std::size_t> either_column(const CsvTable& table,
                                                  const char* name,
                                                  const char* short_name) {
    const auto column = table.find_column(name);
    return column ? column : table.find_column(short_name);
  }
};

std::optional<Region> region_of(const CsvTable& table, const Columns& columns,
                                std::size_t row) {
  const bool given = std::any_of(
      columns.region.begin(), columns.region.end(),
      [&](std::size_t column) { return !table.text(row, column).empty(); });
  if (!given)
    return std::nullopt;
  const auto number = [&](std::size_t i) {
    return table.number(row, columns.region[i], kMaxImageSide + 1);
  };
  const Region region{number(0), number(1), number(2), number(3)};
  if (region.width == 0 || region.height == 0)
    refuse("a region with pixels, got " + region.text(), table.where(row));
  return region;
}

Split split_of(const CsvTable& table, std::size_t row, std::size_t column) {
  const std::string_view name = table.text(row, column);
  if (name == "train")
    return Split::kTrain;
  if (name == "val")
    return Split::kValidation;
  if (name == "test")
    return Split::kTest;
  refuse("the split train, val or test, got \"" + std::string(name) + "\"",
         table.where(row));
}

Picture cropped(const Picture& whole, const Region& region) {
  const auto channels = static_cast<std::size_t>(whole.channels);
  const auto stride = static_cast<std::size_t>(whole.width) * channels;
  const auto row_bytes = static_cast<std::size_t>(region.width) * channels;
  Picture part{.width = region.width,
               .height = region.height,
               .channels = whole.channels};
  part.pixels.reserve(row_bytes * static_cast<std::size_t>(region.height));
  for (int y = region.y; y < region.y + region.height; ++y) {
    const auto* first = whole.pixels.data() +
                        static_cast<std::size_t>(y) * stride +
                        static_cast<std::size_t>(region.x) * channels;
    part.pixels.insert(part.pixels.end(), first, first + row_bytes);
  }
  return part;
}

fs::path table_path(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? path / "manifest.csv" : path;
}

CsvTable read_table(const fs::path& path) {
  return CsvTable(FileBytes(read_file_bytes(path, "a CSV file")), path.string(),
                  ',');
}

class Manifest : public Dataset {
 public:
  Manifest(const fs::path& path, Split split)
      : table_(read_table(path)), columns_(table_) {
    list_classes();
    for (std::size_t row = 0; row < table_.rows(); ++row)
      add(row, path.parent_path(), split);
    if (items_.empty() && (columns_.split || split == Split::kValidation))
      throw Error(ErrorCode::kNotFound,
                  "expected rows of the split that is asked for, got none in " +
                      path.string());
    if (items_.empty())
      refuse("rows below the header, got none", path.string());
  }

  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return items_.size(); }
  bool multi_label() const override { return multi_label_; }
  int label(std::size_t index) const override {
    const auto& labels = items_[index].labels;
    return labels.empty() ? -1 : labels.front();
  }
  std::vector<int> labels(std::size_t index) const override {
    return items_[index].labels;
  }
  std::string name(std::size_t index) const override {
    const Item& item = items_[index];
    std::string name = item.path.string();
    if (item.region)
      name.append("[").append(item.region->text()).append("]");
    return name;
  }
  std::string group(std::size_t index) const override {
    const Item& item = items_[index];
    return item.group.empty() ? item.path.string() : item.group;
  }

  // A region is no file of its own.
  std::optional<std::vector<std::uint8_t>> encoded(
      std::size_t index) const override {
    const Item& item = items_[index];
    if (item.region)
      return std::nullopt;
    return read_file_bytes(item.path, "a picture");
  }

  Picture picture(std::size_t index) const override {
    const Item& item = items_[index];
    Picture whole = read_picture(item.path);
    if (!item.region)
      return whole;
    const Region& region = *item.region;
    if (region.x + region.width > whole.width ||
        region.y + region.height > whole.height)
      refuse("a region inside " + std::to_string(whole.width) + "x" +
                 std::to_string(whole.height) + " pixels, got " +
                 region.text() + " of " + item.path.string(),
             table_.where(item.row));
    return cropped(whole, region);
  }

 private:
  // Of all parts, so that they agree.
  void list_classes() {
    std::set<std::string> labels;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      const auto parts = parts_of(table_.text(row, columns_.label));
      multi_label_ |= parts.size() > 1;
      for (const std::string& part : parts) {
        if (part.empty())
          refuse("labels between the bars, got none", table_.where(row));
        labels.insert(part);
      }
    }
    classes_ = sorted_labels(labels);
    for (std::size_t id = 0; id < classes_.size(); ++id)
      ids_[classes_[id]] = static_cast<int>(id);
  }

  void add(std::size_t row, const fs::path& folder, Split split) {
    if (columns_.split ? split_of(table_, row, *columns_.split) != split
                       : split == Split::kValidation)
      return;
    Item item;
    item.row = row;
    item.path = folder / table_.text(row, columns_.path);
    std::error_code ignored;
    if (!fs::is_regular_file(item.path, ignored))
      refuse("a picture at " + item.path.string() + ", got none; named",
             table_.where(row));
    item.labels = label_ids(row);
    if (columns_.group)
      item.group = table_.text(row, *columns_.group);
    item.region = region_of(table_, columns_, row);
    items_.push_back(std::move(item));
  }

  std::vector<int> label_ids(std::size_t row) const {
    std::set<int> ids;
    for (const auto& part : parts_of(table_.text(row, columns_.label)))
      ids.insert(ids_.at(part));
    if (ids.empty() && !multi_label_)
      refuse("a label, got none", table_.where(row));
    return {ids.begin(), ids.end()};
  }

  CsvTable table_;
  Columns columns_;
  bool multi_label_ = false;
  std::vector<std::string> classes_;
  std::map<std::string, int> ids_;
  std::vector<Item> items_;
};

}  // namespace

bool is_manifest(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(table_path(path), ignored) &&
         table_path(path).extension() == ".csv";
}

bool manifest_has_validation(const fs::path& path) {
  const CsvTable table = read_table(table_path(path));
  const auto column = table.find_column("split");
  for (std::size_t row = 0; column && row < table.rows(); ++row) {
    if (table.text(row, *column) == "val")
      return true;
  }
  return false;
}

std::unique_ptr<Dataset> open_manifest(const fs::path& path, Split split) {
  return std::make_unique<Manifest>(table_path(path), split);
}

}  // namespace torchclassify
