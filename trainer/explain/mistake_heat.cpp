// SPDX-License-Identifier: LGPL-2.1-or-later
#include "explain/mistake_heat.h"

namespace torchclassify {

HeatMapper heat_mapper(Explainer& explainer) {
  return [&explainer](const Picture& picture, int label_id) {
    return whole_overlay(picture, explainer.info().preprocessing,
                         explainer.explain(picture, label_id).map);
  };
}

}  // namespace torchclassify
