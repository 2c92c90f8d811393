// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/setting.h"

namespace torchclassify {

std::string Setting::name() const {
  const std::size_t begin = names.find("--") + 2;
  return names.substr(begin, names.find(',', begin) - begin);
}

// A literal string has no escapes, so a path's backslashes stay.
std::string toml_string(const std::string& text) {
  const char quote = text.find('\'') == std::string::npos ? '\'' : '"';
  return quote + text + quote;
}

const std::vector<SettingGroup>& setting_groups() {
  static const std::vector<SettingGroup> groups = {
      {"Pictures", data_settings()},
      {"Model input", input_settings()},
      {"Model", model_settings()},
      {"Optimisation", optimisation_settings()},
      {"Learning rate", schedule_settings()},
      {"Loss", loss_settings()},
      {"Augmentation", augmentation_settings()},
      {"Run", run_settings()}};
  return groups;
}

const Setting& find_setting(const std::string& name) {
  for (const SettingGroup& group : setting_groups()) {
    for (const Setting& setting : group.settings) {
      if ((setting.names + ",").find("--" + name + ",") != std::string::npos)
        return setting;
    }
  }
  throw Error(ErrorCode::kInvalidArgument,
              "expected a setting of train, got \"" + name + "\"");
}

}  // namespace torchclassify
