// SPDX-License-Identifier: LGPL-2.1-or-later
// One program for all tests of the models: each file adds its own.
#pragma once

void add_airbench_tests();
void add_batch_norm_tests();
void add_golden_tests();
void add_gradient_tests();
void add_layer_group_tests();
void add_new_head_tests();
void add_parts_tests();
void add_save_tests();
void add_state_dict_tests();
void add_weight_names_tests();
void add_weight_refusal_tests();
