// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/network.h"

#include "engine/aot_inductor.h"
#include "engine/bundle_network.h"
#include "engine/code_network.h"
#include "engine/model_kind.h"
#include "engine/torchscript.h"

namespace torchclassify {

OpenedModel open_network(const NetworkOptions& options) {
  const ModelKind kind = model_kind(options.model_file);
  check_code_allowed(kind, options.allow_code, options.model_file);
  switch (kind) {
    case ModelKind::kTorchScript:
      return open_code_network(open_torchscript(options), options);
    case ModelKind::kAotInductor:
      return open_code_network(open_aot_inductor(options), options);
    case ModelKind::kBundle:
      break;
  }
  return open_bundle_network(options);
}

}  // namespace torchclassify
