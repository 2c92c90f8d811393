// SPDX-License-Identifier: LGPL-2.1-or-later
// A library that needs a function which nobody has.
extern "C" int torchclassify_nobody_has_this();

extern "C" __attribute__((visibility("default"))) int stub() {
  return torchclassify_nobody_has_this();
}
