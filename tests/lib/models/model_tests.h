// SPDX-License-Identifier: LGPL-2.1-or-later
// One program for all tests of the models: each file adds its own.
#pragma once

void add_golden_tests();
void add_save_tests();
void add_state_dict_tests();
