// SPDX-License-Identifier: LGPL-2.1-or-later
// The settings of train: every name, every choice, and what a file says again.
#include "settings/setting.h"

#include <glib.h>

#include <set>
#include <sstream>

#include "settings/recipes.h"
#include "support/assert_text.h"
#include "support/expect_error.h"
#include "support/test_files.h"

namespace {
using support::assert_text;
using support::expect_error;
using support::TemporaryFolder;
using namespace torchclassify;

using Words = std::vector<std::string>;

template <typename Visit>
void for_each_setting(Visit visit) {
  for (const SettingGroup& group : setting_groups()) {
    for (const Setting& setting : group.settings) visit(setting);
  }
}

void write_set(const TemporaryFolder& folder) {
  for (const char* label : {"a", "b"}) {
    std::filesystem::create_directory(folder / label);
    support::write_file(folder / label / "1.ppm", "P6 1 1 255\nabc");
  }
}

TrainRequest request_of(const TemporaryFolder& folder, GivenSettings more) {
  GivenSettings given = {{"data-path", {folder.path().string()}},
                         {"output-dir", {folder / "run"}}};
  given.insert(given.end(), more.begin(), more.end());
  return resolve(given);
}

void test_every_name_is_found_and_is_one_settings_alone() {
  std::set<std::string> seen;
  for_each_setting([&](const Setting& setting) {
    std::istringstream names(setting.names);
    for (std::string name; std::getline(names, name, ',');) {
      g_assert_true(seen.insert(name).second);
      if (name.starts_with("--"))
        g_assert_true(find_setting(name.substr(2)).name() == setting.name());
    }
    g_assert_false(setting.help.empty() || setting.help.ends_with("."));
  });
  g_assert_cmpuint(seen.size(), >, 90);
}

void test_an_unknown_name_is_refused() {
  expect_error(
      ErrorCode::kInvalidArgument, [] { find_setting("epoch"); }, "epoch");
}

// Each says in a file what it was set to, or another name of the same.
void test_every_choice_can_be_set() {
  const TemporaryFolder folder;
  write_set(folder);
  for_each_setting([&](const Setting& setting) {
    for (const std::string& choice : setting.choices) {
      TrainRequest request;
      setting.set(request, {choice});
      const auto said = setting.toml(request);
      g_assert_true(said.has_value());
      TrainRequest again;
      setting.set(again, {said->substr(1, said->size() - 2)});
      g_assert_true(setting.toml(again) == said);
    }
  });
}

void test_a_file_says_everything_again() {
  const TemporaryFolder folder;
  write_set(folder);
  for (const std::string& recipe : recipe_names()) {
    const TrainRequest request =
        request_of(folder, {{"recipe", {recipe}},
                            {"lr", {"0.012345678901234567"}},
                            {"seed", {"18446744073709551615"}},
                            {"lr-milestones", {"3", "5"}},
                            {"freeze", {"bn", "layer1", "it's"}},
                            {"dropout", {"0.25"}},
                            {"group-regex", {R"((\d+)_"x")"}},
                            {"bias-weight-decay", {"0"}},
                            {"amp", {"true"}},
                            {"ra-sampler", {"true"}}});

    const TrainRequest again = resolve(settings_from_toml(to_toml(request)));

    assert_text(to_toml(again), to_toml(request));
    g_assert_cmpfloat(again.options.schedule.peak, ==, 0.012345678901234567);
    g_assert_true(again.options.optimiser.bias_weight_decay == 0.0);
    g_assert_true(again.options.freeze.prefixes == (Words{"layer1", "it's"}));
    g_assert_true(again.group_regex == R"((\d+)_"x")");
    g_assert_cmpint(again.options.repeats, ==, 3);
    g_assert_true(again.options.amp == AmpType::kBf16);
  }
}

void test_the_last_of_two_counts() {
  const TemporaryFolder folder;
  write_set(folder);

  const auto request =
      request_of(folder, {{"epochs", {"3"}}, {"epochs", {"5"}}});

  g_assert_cmpint(request.options.epochs, ==, 5);
}

void test_a_value_that_does_not_read_is_refused() {
  const TemporaryFolder folder;
  write_set(folder);

  for (const char* value : {"", "x", "1.5", "3 4", "99999999999999999999"})
    expect_error(
        ErrorCode::kInvalidArgument,
        [&] {
          request_of(folder, {{"epochs", {value}}});
        },
        "--epochs", "expected a number");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/settings/every-name-is-found-and-is-one-settings-alone",
                  test_every_name_is_found_and_is_one_settings_alone);
  g_test_add_func("/settings/an-unknown-name-is-refused",
                  test_an_unknown_name_is_refused);
  g_test_add_func("/settings/every-choice-can-be-set",
                  test_every_choice_can_be_set);
  g_test_add_func("/settings/a-file-says-everything-again",
                  test_a_file_says_everything_again);
  g_test_add_func("/settings/the-last-of-two-counts",
                  test_the_last_of_two_counts);
  g_test_add_func("/settings/a-value-that-does-not-read-is-refused",
                  test_a_value_that_does_not_read_is_refused);
  return g_test_run();
}
