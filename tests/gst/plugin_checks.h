// SPDX-License-Identifier: LGPL-2.1-or-later
// What is asked of every plugin's file, by GStreamer's own programs. Each skips
// the running test, with the reason, where its program is absent.
#pragma once

#include <filesystem>
#include <string>

namespace support {

bool contains(const std::string& text, const char* part);

// Alone in a folder, gst-inspect-1.0 finds the element and this property.
void assert_inspected_on_its_own(const std::filesystem::path& plugin,
                                 const char* element, const char* property);

struct Pipeline {
  const char* name;
  const char* line;  // as for gst-launch-1.0
  bool ends;         // else it fails
};

// The leaks tracer finds no object that the pipeline, which ends as it says,
// has left.
void assert_nothing_is_left(const Pipeline& pipeline);

// list-properties says of the element what ELEMENT.inspect in the folder of its
// tests does.
void assert_properties_on_record(const std::string& folder,
                                 const std::string& element);

}  // namespace support
