// SPDX-License-Identifier: LGPL-2.1-or-later
// Each library's names of each family, and torchvision's for the same weights.
#pragma once

#include "models/names/renaming.h"
#include "models/names/surroundings.h"

namespace torchclassify::names {

// Each gives the weights torchvision's names and shapes if their names are this
// library's and family's, and says whether it did. Nothing is lost: what it
// does not know keeps its name. Throws Error kUnsupported (Renaming::refuse)
// for what names or surroundings show to be another function.
using Mapping = bool (*)(Renaming& renaming, const Surroundings& surroundings);

// torchvision before its names were today's.
bool rename_old_densenet(Renaming& renaming, const Surroundings&);
bool rename_old_vision_transformer(Renaming& renaming, const Surroundings&);

// timm; its ResNets and DenseNets have torchvision's names, so these two only
// refuse.
bool refuse_timm_resnet(Renaming& renaming, const Surroundings& surroundings);
bool refuse_timm_densenet(Renaming& renaming, const Surroundings& surroundings);
bool rename_timm_vgg(Renaming& renaming, const Surroundings&);
bool rename_timm_regnet(Renaming& renaming, const Surroundings&);
bool rename_timm_convnext(Renaming& renaming, const Surroundings&);
// EfficientNet 1 and 2, MobileNet 2 and 3.
bool rename_timm_efficientnet(Renaming& renaming,
                              const Surroundings& surroundings);
bool rename_timm_vision_transformer(Renaming& renaming, const Surroundings&);
bool rename_timm_swin(Renaming& renaming, const Surroundings& surroundings);

// Hugging Face's transformers.
bool rename_huggingface_resnet(Renaming& renaming,
                               const Surroundings& surroundings);
bool rename_huggingface_convnext(Renaming& renaming,
                                 const Surroundings& surroundings);
bool rename_huggingface_vit(Renaming& renaming,
                            const Surroundings& surroundings);

}  // namespace torchclassify::names
