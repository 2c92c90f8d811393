# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the examples' tests print."""


def report(folder, checks):
    """TAP of (name, whether it passed, what came) for each check."""
    print(f"1..{len(checks)}")
    for number, (name, passed, got) in enumerate(checks, 1):
        print("ok" if passed else "not ok", number, f"/examples/{folder}/{name}")
        if not passed:
            print("# got:", repr(got))
