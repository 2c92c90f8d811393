// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/train_options.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "settings/setting.h"

namespace torchclassify {
namespace {

CLI::Option* add_flag(CLI::App& command, const Setting& setting,
                      GivenSettings& given) {
  const std::string name = setting.name();
  return command.add_flag_function(
      setting.names + "{true},!--no-" + name,
      [&given, name](std::int64_t count) {
        given.emplace_back(
            name, std::vector<std::string>{count > 0 ? "true" : "false"});
      },
      setting.help);
}

CLI::Option* add_values(CLI::App& command, const Setting& setting,
                        GivenSettings& given) {
  CLI::Option* option = command.add_option_function<std::vector<std::string>>(
      setting.names,
      [&given, name = setting.name()](const std::vector<std::string>& values) {
        given.emplace_back(name, values);
      },
      setting.help);
  return setting.several ? option : option->expected(1);
}

}  // namespace

void add_train_options(CLI::App& command,
                       const std::vector<std::string>& left_out,
                       GivenSettings& given) {
  for (const SettingGroup& group : setting_groups()) {
    for (const Setting& setting : group.settings) {
      if (std::ranges::find(left_out, setting.name()) != left_out.end())
        continue;
      CLI::Option* option = setting.flag ? add_flag(command, setting, given)
                                         : add_values(command, setting, given);
      if (!setting.choices.empty())
        option->check(CLI::IsMember(setting.choices));
      option->group(group.title);
    }
  }
}

}  // namespace torchclassify
