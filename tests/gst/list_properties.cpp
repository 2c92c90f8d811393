// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints the properties of an element as its .inspect file holds them: what
// gst-inspect-1.0 says, in a form that is the same for every GStreamer.
//   list-properties ELEMENT
#include <gst/gst.h>

#include <cstdio>
#include <string>

namespace {

std::string flags_value_text(const GValue* value) {
  auto* type = static_cast<GFlagsClass*>(g_type_class_ref(G_VALUE_TYPE(value)));
  std::string text;
  for (guint i = 0; i < type->n_values; ++i) {
    if (!(g_value_get_flags(value) & type->values[i].value))
      continue;
    if (!text.empty())
      text += "+";
    text += type->values[i].value_nick;
  }
  g_type_class_unref(type);
  return text;
}

std::string value_text(const GValue* value) {
  const bool pointer =
      G_VALUE_HOLDS_STRING(value) || G_VALUE_HOLDS_BOXED(value);
  if (pointer && !g_value_peek_pointer(value))
    return "unset";
  if (G_VALUE_HOLDS_ENUM(value)) {
    auto* type =
        static_cast<GEnumClass*>(g_type_class_ref(G_VALUE_TYPE(value)));
    const std::string nick =
        g_enum_get_value(type, g_value_get_enum(value))->value_nick;
    g_type_class_unref(type);
    return nick;
  }
  if (G_VALUE_HOLDS_FLAGS(value))
    return flags_value_text(value);
  g_autofree char* text = gst_value_serialize(value);
  return text ? text : "unset";
}

std::string range_text(GParamSpec* spec) {
  if (G_IS_PARAM_SPEC_UINT(spec)) {
    const auto* s = G_PARAM_SPEC_UINT(spec);
    return ", " + std::to_string(s->minimum) + " to " +
           std::to_string(s->maximum);
  }
  if (G_IS_PARAM_SPEC_UINT64(spec)) {
    const auto* s = G_PARAM_SPEC_UINT64(spec);
    return ", " + std::to_string(s->minimum) + " to " +
           std::to_string(s->maximum);
  }
  if (G_IS_PARAM_SPEC_DOUBLE(spec)) {
    const auto* s = G_PARAM_SPEC_DOUBLE(spec);
    g_autofree char* text =
        g_strdup_printf(", %g to %g", s->minimum, s->maximum);
    return text;
  }
  return {};
}

std::string flags_text(GParamSpec* spec) {
  std::string text;
  if (spec->flags & G_PARAM_READABLE)
    text += " readable";
  if (spec->flags & G_PARAM_WRITABLE)
    text += " writable";
  if (spec->flags & GST_PARAM_MUTABLE_READY)
    text += " changeable-up-to-READY";
  if (spec->flags & GST_PARAM_MUTABLE_PAUSED)
    text += " changeable-up-to-PAUSED";
  if (spec->flags & GST_PARAM_MUTABLE_PLAYING)
    text += " changeable-up-to-PLAYING";
  return text;
}

void print_value(const char* nick, const char* name) {
  std::printf("    %s: %s\n", nick, name);
}

void print_values(GParamSpec* spec) {
  if (G_IS_PARAM_SPEC_ENUM(spec)) {
    const GEnumClass* type = G_PARAM_SPEC_ENUM(spec)->enum_class;
    for (guint i = 0; i < type->n_values; ++i)
      print_value(type->values[i].value_nick, type->values[i].value_name);
  }
  if (G_IS_PARAM_SPEC_FLAGS(spec)) {
    const GFlagsClass* type = G_PARAM_SPEC_FLAGS(spec)->flags_class;
    for (guint i = 0; i < type->n_values; ++i)
      print_value(type->values[i].value_nick, type->values[i].value_name);
  }
}

void print_property(GParamSpec* spec) {
  std::printf("%s: %s, default %s%s,%s\n    %s\n", g_param_spec_get_name(spec),
              g_type_name(spec->value_type),
              value_text(g_param_spec_get_default_value(spec)).c_str(),
              range_text(spec).c_str(), flags_text(spec).c_str(),
              g_param_spec_get_blurb(spec));
  print_values(spec);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  GstElement* element =
      argc == 2 ? gst_element_factory_make(argv[1], nullptr) : nullptr;
  if (!element)
    return 1;
  guint count = 0;
  GParamSpec** specs =
      g_object_class_list_properties(G_OBJECT_GET_CLASS(element), &count);
  for (guint i = 0; i < count; ++i) {
    if (specs[i]->owner_type == G_OBJECT_TYPE(element))
      print_property(specs[i]);
  }
  g_free(specs);
  gst_object_unref(element);
  gst_deinit();
  return 0;
}
