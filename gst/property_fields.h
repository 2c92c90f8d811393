// SPDX-License-Identifier: LGPL-2.1-or-later
// What the elements' properties have in common: their flags, how they are
// installed, and the fields that hold their values.
#pragma once

#include <gst/gst.h>

#include <string>
#include <type_traits>
#include <variant>

namespace torchclassify {

inline constexpr auto kReady = static_cast<GParamFlags>(
    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
inline constexpr auto kPlaying = static_cast<GParamFlags>(
    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
inline constexpr auto kReadable =
    static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

inline void add(GObjectClass* object_class, guint id, GParamSpec* spec) {
  g_object_class_install_property(object_class, id, spec);
}

// type: the enumeration's name in GObject, registered at its first use. Its
// values live as long as the program, as GObject wants.
inline void add_enum(GObjectClass* object_class, guint id, const char* name,
                     const char* nick, const char* blurb, const char* type,
                     const GEnumValue* values, int value, GParamFlags flags) {
  const GType known = g_type_from_name(type);
  const GType gtype = known ? known : g_enum_register_static(type, values);
  gst_type_mark_as_plugin_api(gtype, static_cast<GstPluginAPIFlags>(0));
  add(object_class, id,
      g_param_spec_enum(name, nick, blurb, gtype, value, flags));
}

// Where a property's value is kept; std::monostate: it is none of these. A
// string that is empty stands for one that is not set; guint for flags, too.
template <typename... Enums>
using Field = std::variant<std::monostate, std::string*, bool*, int*, guint*,
                           gint64*, guint64*, double*, Enums*...>;

template <typename Value>
void read_value(const GValue* from, Value& to) {
  if constexpr (std::is_same_v<Value, std::string>) {
    const char* text = g_value_get_string(from);
    to = text ? text : "";
  } else if constexpr (std::is_enum_v<Value>) {
    to = static_cast<Value>(g_value_get_enum(from));
  } else if constexpr (std::is_same_v<Value, bool>) {
    to = g_value_get_boolean(from);
  } else if constexpr (std::is_same_v<Value, double>) {
    to = g_value_get_double(from);
  } else if constexpr (sizeof(Value) == sizeof(guint64)) {
    to = static_cast<Value>(g_value_get_uint64(from));
  } else {
    to = static_cast<Value>(G_VALUE_HOLDS_FLAGS(from) ? g_value_get_flags(from)
                                                      : g_value_get_uint(from));
  }
}

template <typename Value>
void write_value(const Value& from, GValue* to) {
  if constexpr (std::is_same_v<Value, std::string>)
    g_value_set_string(to, from.empty() ? nullptr : from.c_str());
  else if constexpr (std::is_enum_v<Value>)
    g_value_set_enum(to, static_cast<int>(from));
  else if constexpr (std::is_same_v<Value, bool>)
    g_value_set_boolean(to, from);
  else if constexpr (std::is_same_v<Value, double>)
    g_value_set_double(to, from);
  else if constexpr (sizeof(Value) == sizeof(guint64))
    g_value_set_uint64(to, static_cast<guint64>(from));
  else if (G_VALUE_HOLDS_FLAGS(to))
    g_value_set_flags(to, static_cast<guint>(from));
  else
    g_value_set_uint(to, static_cast<guint>(from));
}

// Both: false if there is no field.
template <typename... Alternatives>
bool set_field(const std::variant<Alternatives...>& field,
               const GValue* value) {
  return std::visit(
      [value](auto place) {
        if constexpr (std::is_pointer_v<decltype(place)>) {
          read_value(value, *place);
          return true;
        }
        return false;
      },
      field);
}

template <typename... Alternatives>
bool get_field(const std::variant<Alternatives...>& field, GValue* value) {
  return std::visit(
      [value](auto place) {
        if constexpr (std::is_pointer_v<decltype(place)>) {
          write_value(*place, value);
          return true;
        }
        return false;
      },
      field);
}

}  // namespace torchclassify
