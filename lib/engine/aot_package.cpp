// SPDX-License-Identifier: LGPL-2.1-or-later
// Format: docs.pytorch.org/docs/stable/export/pt2_archive.html.
#include "engine/aot_package.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string_view>

#include <nlohmann/json.hpp>

#include "formats/bundle.h"
#include "formats/byte_cursor.h"
#include "formats/mapped_file.h"
#include "formats/strict_json.h"
#include "formats/zip_archive.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr std::string_view kCodeFolder = "data/aotinductor/";

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

void read_metadata(std::string_view text, AotPackage& package) {
  const nlohmann::json json = parse_strict_json(text);
  const auto value = [&json](const char* key, const std::string& otherwise) {
    return json.is_object() && json.contains(key) && json[key].is_string()
               ? json[key].get<std::string>()
               : otherwise;
  };
  package.device = value("AOTI_DEVICE_KEY", package.device);
  package.isa = words(value("AOTI_CPU_ISA", ""));
  package.description = value(kBundleKey, "");
}

// name: behind the code folder, as "model/c5n6.wrapper.cpp".
void read_entry(std::string_view name, const ZipEntry& entry,
                AotPackage& package) {
  if (name.ends_with(".wrapper.cpp"))
    package.source = read_aot_source(as_text(entry.data));
  else if (name.ends_with("_metadata.json"))
    read_metadata(as_text(entry.data), package);
}

std::string only_name(const std::set<std::string>& names,
                      const std::string& model_file) {
  if (names.size() != 1)
    throw Error(ErrorCode::kUnsupported,
                "expected a .pt2 package with one compiled model, got " +
                    std::to_string(names.size()) + ": " + model_file);
  return *names.begin();
}

std::string processor_flags() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("flags"))
      return line + " ";
  }
  return {};
}

// " avx512_vnni ": as the kernel spells it, a whole word.
std::string flag_of(std::string isa) {
  std::transform(isa.begin(), isa.end(), isa.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (isa == "avx512")
    isa += 'f';
  return isa.insert(0, 1, ' ').append(1, ' ');
}

}  // namespace

AotPackage read_aot_package(const std::string& model_file) {
  const MappedFile file(model_file);
  const ZipArchive archive(file.bytes(), model_file);
  AotPackage package;
  std::set<std::string> names;
  try {
    for (const auto& [path, entry] : archive.entries()) {
      const std::size_t at = path.find(kCodeFolder);
      if (at == path.npos || entry.compressed)
        continue;
      const auto name = std::string_view(path).substr(at + kCodeFolder.size());
      names.emplace(name.substr(0, name.find('/')));
      read_entry(name, entry, package);
    }
  } catch (const std::runtime_error& error) {
    throw Error(ErrorCode::kBadData,
                std::string("expected metadata as JSON, got ") + error.what() +
                    ": " + model_file);
  }
  package.model_name = only_name(names, model_file);
  return package;
}

std::string missing_isa(const std::vector<std::string>& isa) {
  const std::string flags = processor_flags();
  if (flags.empty())  // another kind of processor, which these do not name
    return {};
  for (const std::string& name : isa) {
    const bool known = name.starts_with("AVX") || name.starts_with("AMX");
    if (known && flags.find(flag_of(name)) == flags.npos)
      return name;
  }
  return {};
}

}  // namespace torchclassify
