// SPDX-License-Identifier: LGPL-2.1-or-later
// What lies around a file of weights: its path and the config.json beside it.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace torchclassify::names {

// Some models have the names and shapes of another one and compute something
// else; then this is the only sign.
struct Surroundings {
  std::string path;
  // The config's numbers, strings and booleans as text ("12", "gelu", "false");
  // empty if there is no config.json, or none that can be read.
  std::map<std::string, std::string> config;

  // Whether the file's name, a folder's in its path as given, or the config's
  // architecture has this text in it: "tf_efficientnet".
  bool mentions(std::string_view text) const;
  // The config's value, or otherwise if it has none of that name.
  std::string value(const std::string& key, const std::string& otherwise) const;
};

// path: as the user gave it; the file need not be there.
Surroundings surroundings_of(const std::string& path);

}  // namespace torchclassify::names
