// SPDX-License-Identifier: LGPL-2.1-or-later
#include "explain/mistake_heat.h"

#include <memory>
#include <optional>

#include "torchclassify/train/explain.h"

namespace torchclassify {

HeatMapper heat_mapper(const std::filesystem::path& bundle) {
  return [bundle, explainer = std::make_shared<std::optional<Explainer>>()](
             const Picture& picture, int label_id) {
    if (!*explainer)
      explainer->emplace(bundle);
    return whole_overlay(picture, (*explainer)->info().preprocessing,
                         (*explainer)->explain(picture, label_id).map);
  };
}

}  // namespace torchclassify
