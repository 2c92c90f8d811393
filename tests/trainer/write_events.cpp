// SPDX-License-Identifier: LGPL-2.1-or-later
// write_events FOLDER: three points of two curves, by two runs; the second one
// writes the third point again.
#include <cstdio>
#include <exception>

#include "torchclassify/train/event_file.h"

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_events FOLDER\n");
    return 2;
  }
  for (const int first : {1, 3}) {
    torchclassify::EventFile events(argv[1]);
    events.restart(first);
    for (int step = first; step <= 3; ++step)
      events.add_scalars(step, {{"loss/train", 1.0 / (step * first)},
                                {"accuracy/valid", 0.25 * step / first}});
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "write_events: %s\n", error.what());
  return 1;
}
