// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify lr-find`: what it prints and writes, and its refusals.
#include <glib.h>

#include <set>

#include "color_model.h"
#include "program.h"
#include "support/rows.h"
#include "support/test_files.h"

using program::Arguments;
using program::expect_failure;
using program::lines_of;
using program::run;
using program::run_well;
using support::read_file;
using support::TemporaryFolder;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Plain pictures, dark in one class and bright in the other.
void write_set(const TemporaryFolder& folder) {
  for (int i = 0; i < 10; ++i) {
    const std::string name = std::to_string(i) + ".ppm";
    const auto shade = static_cast<std::uint8_t>(10 * i);
    program::write_picture(folder / ("set/bright/" + name), 255 - shade, 255,
                           200);
    program::write_picture(folder / ("set/dark/" + name), 0, shade, shade);
  }
}

Arguments lr_find(const TemporaryFolder& folder, const Arguments& more = {}) {
  Arguments arguments = {"lr-find",
                         "--data-path",
                         folder / "set",
                         "--output-dir",
                         folder / "run",
                         "--model",
                         "simple_cnn",
                         "--val-resize-size",
                         "5",
                         "--img-size",
                         "4"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.insert(entry.path().filename());
  return names;
}

// The test fails unless it is well-formed.
void check_xml(const std::string& text) {
  const GMarkupParser parser{};
  GMarkupParseContext* context = g_markup_parse_context_new(
      &parser, G_MARKUP_DEFAULT_FLAGS, nullptr, nullptr);
  g_autoptr(GError) error = nullptr;
  g_markup_parse_context_parse(context, text.data(),
                               static_cast<gssize>(text.size()), &error);
  g_assert_no_error(error);
  g_markup_parse_context_end_parse(context, &error);
  g_assert_no_error(error);
  g_markup_parse_context_free(context);
}

void test_it_leaves_a_table_and_a_plot() {
  const TemporaryFolder folder;
  write_set(folder);

  const auto outcome =
      run_well(lr_find(folder, {"--steps", "25", "--lr-end", "0.01"}));

  const auto lines = lines_of(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 3);
  g_assert_true(lines[0].starts_with("step=10 lr="));
  g_assert_true(lines[1].starts_with("step=20 lr="));
  g_assert_true(lines[2].starts_with("steepest="));
  g_assert_true(lines[2].find(" steps=25 exploded=false plot=") !=
                std::string::npos);
  g_assert_true(names_in(folder / "run") ==
                std::set<std::string>({"lr-find.csv", "lr-find.svg"}));
  const auto table = lines_of(read_file(folder / "run/lr-find.csv"));
  g_assert_cmpuint(table.size(), ==, 26);
  g_assert_cmpstr(table[0].c_str(), ==, "step,lr,loss,smoothed_loss");
  check_xml(read_file(folder / "run/lr-find.svg"));
}

void test_the_plot_goes_where_it_is_asked_for() {
  const TemporaryFolder folder;
  write_set(folder);

  run_well(lr_find(folder, {"--steps", "10", "--plot", folder / "mine.svg"}));

  g_assert_true(fs::exists(folder / "mine.svg"));
  g_assert_false(fs::exists(folder / "run/lr-find.svg"));
}

void test_json_is_one_object() {
  const TemporaryFolder folder;
  write_set(folder);

  const auto outcome =
      run_well(lr_find(folder, {"--steps", "10", "--lr-start", "0.001",
                                "--lr-end", "0.01", "--json"}));

  const Json json = Json::parse(outcome.out);
  program::expect_keys(
      json, {"steepest", "minimum_tenth", "exploded", "plot", "points"});
  g_assert_cmpuint(json["points"].size(), ==, 10);
  g_assert_cmpfloat(json["points"][0]["lr"].get<double>(), ==, 0.001);
  program::expect_keys(json["points"][0],
                       {"step", "lr", "loss", "smoothed_loss"});
}

struct Refusal {
  const char* name;
  Arguments arguments;
  std::vector<std::string> words;
};

const Refusal kRefusals[] = {
    {"a-range-downwards",
     {"--lr-start", "1", "--lr-end", "0.1"},
     {"above the first"}},
    {"a-rate-of-zero", {"--lr-start", "0"}, {"positive"}},
    {"too-few-steps", {"--steps", "3"}, {"steps", "3"}},
    {"a-plot-of-another-kind", {"--plot", "plot.jpeg"}, {".svg", "plot.jpeg"}},
    {"a-checkpoint", {"--resume", "last.ckpt"}, {"--resume"}},
    {"a-bad-batch-size", {"--batch-size", "0"}, {"batch"}},
};

void test_a_wrong_option_is_refused(gconstpointer data) {
  const auto& refusal = *static_cast<const Refusal*>(data);
  const TemporaryFolder folder;
  write_set(folder);

  const auto outcome = run(lr_find(folder, refusal.arguments));

  expect_failure(outcome, program::kWrongUsage, refusal.words);
  g_assert_false(fs::exists(folder / "run/lr-find.csv"));
}

void test_a_set_that_is_not_there_is_refused() {
  const TemporaryFolder folder;

  const auto outcome = run(lr_find(folder));

  expect_failure(outcome, program::kBadData, {"set"});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/program-lr-find/it-leaves-a-table-and-a-plot",
                  test_it_leaves_a_table_and_a_plot);
  g_test_add_func("/program-lr-find/the-plot-goes-where-it-is-asked-for",
                  test_the_plot_goes_where_it_is_asked_for);
  g_test_add_func("/program-lr-find/json-is-one-object",
                  test_json_is_one_object);
  support::add_rows("/program-lr-find/a-wrong-option-is-refused", kRefusals,
                    test_a_wrong_option_is_refused);
  g_test_add_func("/program-lr-find/a-set-that-is-not-there-is-refused",
                  test_a_set_that_is_not_there_is_refused);
  return g_test_run();
}
