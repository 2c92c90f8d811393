// SPDX-License-Identifier: LGPL-2.1-or-later
// Every property has an effect, and misuse of it a clear answer.
#include <algorithm>
#include <string>
#include <vector>

#include "classify_harness.h"
#include "property_rows.h"
#include "reports.h"
#include "support/assert_text.h"

namespace {

using namespace support;

// Counts what libraries complain of while it lives; nothing is fatal then.
class Complaints {
 public:
  Complaints()
      : fatal_(g_log_set_always_fatal(
            static_cast<GLogLevelFlags>(G_LOG_FATAL_MASK))),
        handler_(g_log_set_default_handler(note, this)) {}
  ~Complaints() {
    g_log_set_default_handler(handler_, nullptr);
    g_log_set_always_fatal(fatal_);
  }
  Complaints(const Complaints&) = delete;
  Complaints& operator=(const Complaints&) = delete;

  int count() const { return count_; }

 private:
  static void note(const char* domain, GLogLevelFlags level, const char* text,
                   gpointer data) {
    if ((level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL)) == 0)
      return;
    g_test_message("%s: %s", domain, text);
    ++static_cast<Complaints*>(data)->count_;
  }

  int count_ = 0;
  const GLogLevelFlags fatal_;
  const GLogFunc handler_;
};

std::string text_of(const GValue* value) {
  g_autofree char* text = g_strdup_value_contents(value);
  return text;
}

std::string value_of(GstElement* element, const char* name) {
  GValue value = G_VALUE_INIT;
  g_object_get_property(G_OBJECT(element), name, &value);
  const std::string text = text_of(&value);
  g_value_unset(&value);
  return text;
}

// As in gst-launch-1.0: one complaint, and a property that can be written is as
// it was.
void assert_refused(const char* property, const char* text) {
  const ElementPtr fresh(GST_ELEMENT(
      gst_object_ref_sink(gst_element_factory_make("torchclassify", nullptr))));
  g_autofree char* line =
      g_strdup_printf("torchclassify %s=%s", property, text);
  const GParamSpec* spec =
      g_object_class_find_property(G_OBJECT_GET_CLASS(fresh.get()), property);
  const Complaints complaints;
  g_autoptr(GError) error = nullptr;

  GstElement* parsed = gst_parse_launch(line, &error);

  if (error)
    g_test_message("%s", error->message);
  g_assert_cmpint(complaints.count() + (error ? 1 : 0), ==, 1);
  if (!parsed)
    return;
  const ElementPtr element(GST_ELEMENT(gst_object_ref_sink(parsed)));
  if (spec->flags & G_PARAM_WRITABLE)
    assert_text(value_of(element.get(), property),
                value_of(fresh.get(), property));
}

void test_effect(gconstpointer data) {
  static_cast<const PropertyRow*>(data)->effect();
}

void test_misuse(gconstpointer data) {
  const auto& row = *static_cast<const PropertyRow*>(data);
  g_assert_true(row.misuse || row.refused);
  if (row.misuse)
    row.misuse();
  if (row.refused)
    assert_refused(row.name, row.refused);
}

std::vector<std::string> names_of_rows() {
  std::vector<std::string> names;
  for (const auto rows : {model_property_rows(), region_property_rows(),
                          result_property_rows()}) {
    for (const PropertyRow& row : rows) names.push_back(row.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> names_of_properties() {
  const ElementPtr element(GST_ELEMENT(
      gst_object_ref_sink(gst_element_factory_make("torchclassify", nullptr))));
  guint count = 0;
  g_autofree GParamSpec** specs =
      g_object_class_list_properties(G_OBJECT_GET_CLASS(element.get()), &count);
  std::vector<std::string> names;
  for (guint i = 0; i < count; ++i) {
    if (specs[i]->owner_type == G_OBJECT_TYPE(element.get()))
      names.push_back(g_param_spec_get_name(specs[i]));
  }
  std::sort(names.begin(), names.end());
  return names;
}

void test_every_property_has_a_row(void) {
  const std::vector<std::string> rows = names_of_rows();
  const std::vector<std::string> properties = names_of_properties();

  g_assert_cmpuint(properties.size(), >, 30);
  for (const std::string& name : properties) {
    if (std::count(rows.begin(), rows.end(), name) != 1)
      g_error("expected one row for %s", name.c_str());
  }
  g_assert_cmpuint(rows.size(), ==, properties.size());
}

std::vector<std::string> fields_of(const GstStructure* structure) {
  std::vector<std::string> names;
  for (int i = 0; i < gst_structure_n_fields(structure); ++i)
    names.push_back(gst_structure_nth_field_name(structure, i));
  return names;
}

std::vector<std::string> fields_of_only_message(GstBus* bus) {
  g_autoptr(GstMessage) message =
      gst_bus_pop_filtered(bus, GST_MESSAGE_ELEMENT);
  g_assert_nonnull(message);
  g_assert_null(gst_bus_pop(bus));
  const GstStructure* structure = gst_message_get_structure(message);
  g_assert_true(gst_structure_has_name(structure, "torchclassify-stats"));
  return fields_of(structure);
}

std::vector<std::string> fields_of_stats(GstElement* element) {
  g_autoptr(GstStructure) stats = nullptr;
  g_object_get(element, "stats", &stats, nullptr);
  return fields_of(stats);
}

void test_post_stats_posts_the_stats(void) {
  Harness harness = playing("model-file=m post-messages=none");
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);
  gst_harness_push(harness.get(), frame(1, 0));
  gst_buffer_unref(gst_harness_pull(harness.get()));

  g_signal_emit_by_name(element.get(), "post-stats");

  const auto fields = fields_of_only_message(bus.get());
  g_assert_cmpuint(fields.size(), >, 10);
  g_assert_true(fields == fields_of_stats(element.get()));
}

// The counters alone.
void test_post_stats_needs_no_open_model(void) {
  const Lone lone("m");

  g_signal_emit_by_name(lone.element, "post-stats");

  const auto fields = fields_of_only_message(lone.bus);
  g_assert_true(std::count(fields.begin(), fields.end(), "frames") == 1);
  g_assert_true(std::count(fields.begin(), fields.end(), "device") == 0);
}

void add_row(const PropertyRow& row) {
  g_autofree char* effect =
      g_strdup_printf("/properties/%s/has-its-effect", row.name);
  g_test_add_data_func(effect, &row, test_effect);
  g_autofree char* misuse =
      g_strdup_printf("/properties/%s/is-misused-in-vain", row.name);
  g_test_add_data_func(misuse, &row, test_misuse);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  for (const auto rows : {model_property_rows(), region_property_rows(),
                          result_property_rows()}) {
    for (const PropertyRow& row : rows) add_row(row);
  }
  g_test_add_func("/properties/post-stats-posts-the-stats",
                  test_post_stats_posts_the_stats);
  g_test_add_func("/properties/post-stats-needs-no-open-model",
                  test_post_stats_needs_no_open_model);
  g_test_add_func("/properties/every-one-has-a-row",
                  test_every_property_has_a_row);
  return g_test_run();
}
