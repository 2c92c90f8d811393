// SPDX-License-Identifier: LGPL-2.1-or-later
// Precompiled: LibTorch takes 20 to 30 seconds to parse.

#include <torch/torch.h>
