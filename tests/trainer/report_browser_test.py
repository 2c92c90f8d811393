#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reports behave in a real browser; TAP on stdout.

report_browser_test.py WRITE_SAMPLE_REPORT [SCREENSHOT_FOLDER]

Skipped where there is no Chromium."""
import pathlib
import subprocess
import sys
import tempfile

import browser

PHONE = 360  # CSS pixels
CLASSES = (2, 43, 300)

NAMES = """[...document.querySelectorAll("#classes tbody tr")]
             .map((row) => row.cells[0].textContent)"""
F1 = """[...document.querySelectorAll("#classes tbody tr")]
          .map((row) => parseFloat(row.cells[3].textContent))"""
SORT = "document.querySelectorAll('#classes thead button')[3]"
STATE = SORT + ".parentElement.getAttribute('aria-sort')"
HEAT = "document.querySelector('.mistake button')"
HEAT_SHOWN = """["plain", "heat"].map((name) => getComputedStyle(
                  document.querySelector(".mistake ." + name)).display !== "none")"""

# Texts whose colour is less than 4.5 to 1 against what is below them.
PALE = """(() => {
  const canvas = document.createElement("canvas").getContext(
    "2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) =>
    [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    return over(rgba(getComputedStyle(element).backgroundColor),
                ground(element.parentElement));
  };
  const luminance = (color) => color.slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const pale = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || /^(script|title|desc|option)$/i
        .test(element.tagName)) continue;
    const style = getComputedStyle(element);
    const below = ground(element);
    const text = over(rgba(element instanceof SVGElement ? style.fill
                                                         : style.color), below);
    const [dark, light] = [luminance(text), luminance(below)]
      .sort((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5)
      pale.push(`${element.tagName} ${element.textContent} ${contrast}`);
  }
  return pale.slice(0, 5);
})()"""


def expect(value, expected, what):
    if value != expected:
        raise AssertionError(f"{what}: expected {expected}, got {value}")


def page_does_not_scroll_sideways(page):
    for width in (PHONE, 320, 1200):
        page.size(width)
        page.run("document.querySelector('details')?.setAttribute('open', '')")
        expect(page.run("document.documentElement.scrollWidth"), width,
               "width of the page")


def sorting_by_click_changes_the_order(page):
    page.run(SORT + ".click()")
    values = page.run(F1)
    expect(values, sorted(values), "F1 after a click")
    expect(page.run(STATE), "ascending", "aria-sort")
    page.run(SORT + ".click()")
    expect(page.run(F1), sorted(values, reverse=True), "F1 after two clicks")
    expect(page.run(STATE), "descending", "aria-sort")


def sorting_by_keyboard_changes_the_order(page):
    page.run(SORT + ".focus()")
    page.press("Enter", 13, "\r")
    values = page.run(F1)
    expect(values, sorted(values), "F1 after Enter")
    expect(page.run(f"document.activeElement === {SORT}"), True, "the button's focus")


def names_sort_as_people_count(page):
    page.run("document.querySelector('#classes thead button').click()")
    names = [name for name in page.run(NAMES) if name.startswith("class ")]
    expect(names, sorted(names, key=lambda name: int(name.split()[1])), "names")


def hostile_names_stay_text(page):
    expect(page.run("document.querySelector('b:not(.mistake b)')"), None, "a made element")
    expect(page.run("document.querySelectorAll('img[src=x]').length"), 0, "made images")
    expect('<b>bold</b> & "quoted"' in page.run(NAMES), True, "the name as text")


def heat_maps_are_switched_by_keyboard(page):
    expect(page.run(HEAT_SHOWN), [True, False], "shown before (plain, heat)")
    page.run(HEAT + ".focus()")
    page.press(" ", 32, " ")
    expect(page.run(HEAT_SHOWN), [False, True], "shown after")
    expect(page.run(HEAT + ".getAttribute('aria-pressed')"), "true", "aria-pressed")
    page.run(HEAT + ".click()")
    expect(page.run(HEAT_SHOWN), [True, False], "shown after a click")


def one_button_switches_all_heat_maps(page):
    page.run("document.querySelector('#mistakes .tools button').click()")
    expect(page.run("document.querySelectorAll('.show-heat').length"), 7, "heat maps")
    page.run("document.querySelector('#mistakes .tools button').click()")
    expect(page.run("document.querySelectorAll('.show-heat').length"), 0, "heat maps")


def a_chosen_class_stands_out(page):
    page.run("""{ const select = document.querySelector("#class-choice");
                  select.selectedIndex = 1;
                  select.dispatchEvent(new Event("change")); }""")
    expect(page.run("document.querySelectorAll('path.picked').length"), 2, "picked curves")
    expect("average precision" in page.run(
        "document.querySelector('#chooser output').textContent"), True, "its measures")


def the_skip_link_comes_first(page):
    page.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.open(page.run("location.href.split('#')[0]"))
    page.press("Tab", 9)
    expect(page.run("document.activeElement.className"), "skip", "first stop")
    page.press("Enter", 13, "\r")
    expect(page.run("document.activeElement.id"), "content", "focus after Enter")


def dark_mode_changes_the_colours(page):
    colours = set()
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        colours.add(page.run("getComputedStyle(document.body).backgroundColor"))
    expect(len(colours), 2, "number of backgrounds")


def texts_have_contrast(page):
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        expect(page.run(PALE), [], f"pale texts in {scheme} mode")


def nothing_is_said_or_fetched(page):
    expect(page.messages, [], "console")
    expect([url for url in page.requests if not url.startswith(("file:", "data:"))], [],
           "requests")
    expect(len({url for url in page.requests if url.startswith("file:")}), 1, "files read")


TESTS = (
    page_does_not_scroll_sideways, sorting_by_click_changes_the_order,
    sorting_by_keyboard_changes_the_order, names_sort_as_people_count,
    hostile_names_stay_text, heat_maps_are_switched_by_keyboard,
    one_button_switches_all_heat_maps, a_chosen_class_stands_out,
    the_skip_link_comes_first, dark_mode_changes_the_colours, texts_have_contrast,
    nothing_is_said_or_fetched)


def run_all(page, writer, folder, screenshots):
    number = failures = 0
    for classes in CLASSES:
        report = folder / f"{classes}.html"
        subprocess.run([writer, str(classes), report], check=True)
        page.messages.clear()
        page.requests.clear()
        page.scheme("light")
        page.size(1200)
        page.open(report.as_uri())
        for test in TESTS:
            number += 1
            name = f"{test.__name__.replace('_', ' ')} ({classes} classes)"
            try:
                test(page)
                print("ok", number, name, flush=True)
            except (AssertionError, RuntimeError) as error:
                failures += 1
                print("not ok", number, name, f"\n# {error}", flush=True)
        if screenshots:
            photograph(page, pathlib.Path(screenshots), classes)
    return failures


def photograph(page, folder, classes):
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        for width in (PHONE, 1200):
            page.scheme(scheme)
            page.size(width)
            page.screenshot(folder / f"{classes}-{scheme}-{width}.png")


def main():
    program = browser.find()
    if not program:
        print("1..0 # SKIP there is no chromium")
        return 0
    print(f"1..{len(CLASSES) * len(TESTS)}", flush=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        page = browser.Browser(program, folder / "profile")
        try:
            return min(1, run_all(page, sys.argv[1], folder, (sys.argv + [None])[2]))
        finally:
            page.close()


if __name__ == "__main__":
    sys.exit(main())
