// SPDX-License-Identifier: LGPL-2.1-or-later
// tensorflow.Event messages and the records of a TFRecord file, as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace torchclassify {

// A record's length, its checksum, the data, its checksum.
std::string framed_record(std::string_view data);

// How many bytes at the start are whole records with right checksums.
std::size_t whole_records(std::string_view file);

// The message that has to be the file's first. time: seconds since 1970.
std::string version_event(double time);

// What readers have of this step and later ones is void (TensorBoard's
// SessionLog START).
std::string restart_event(double time, std::int64_t step);

// One point of each tag's curve. Values become float.
std::string scalar_event(double time, std::int64_t step,
                         const std::map<std::string, double>& values);

}  // namespace torchclassify
