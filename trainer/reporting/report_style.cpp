// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reporting/report_page.h"

namespace torchclassify {

// Texts have a contrast of at least 4.5 to 1 in both schemes, lines of 3 to 1.
const char kReportStyle[] = R"css(
:root {
  color-scheme: light dark;
  --page: #f4f6f8; --card: #fff; --ink: #17202a; --quiet: #55606d;
  --line: #d5dbe2; --accent: #0a5cb8; --focus: #0a5cb8;
  --one: #0a5cb8; --two: #b8480a; --three: #0b7a5a; --picked: #b0126a;
  --faint: #8793a1; --fill: #5b9bd9; --gap: #e0793f;
  --hit: 20 92 172; --miss: 186 50 28; --bar: #d4e5f7; --wrong: #fbdcd0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1419; --card: #182028; --ink: #e6ebf0; --quiet: #a2adb9;
    --line: #2f3a46; --accent: #77b4f5; --focus: #9ac8fa;
    --one: #6cb0ff; --two: #f29a5c; --three: #4ecb9c; --picked: #ff86c4;
    --faint: #6c7987; --fill: #3f83c6; --gap: #d97a45;
    --hit: 36 104 186; --miss: 190 58 38; --bar: #1f3d5c; --wrong: #5a2c1d;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 0 1rem 3rem; max-width: 76rem;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  color: var(--ink); background: var(--page); overflow-wrap: break-word;
}
h1 { margin: 1.5rem 0 .75rem; font-size: clamp(1.4rem, 4vw, 2rem);
  line-height: 1.2; text-wrap: balance; }
h2 { margin: 0 0 .75rem; font-size: 1.25rem; }
h3 { margin: 0 0 .5rem; font-size: 1rem; }
p { margin: 0 0 .75rem; max-width: 46rem; }
a { color: var(--accent); }
.quiet { color: var(--quiet); font-size: .875rem; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -99rem; padding: .5rem 1rem; z-index: 3;
  background: var(--card); }
.skip:focus { left: 1rem; top: .5rem; }

nav { position: sticky; top: 0; z-index: 2; margin: 0 -1rem 1rem;
  padding: .25rem 1rem; background: var(--page);
  border-bottom: 1px solid var(--line); }
nav ul { display: flex; overflow-x: auto; gap: .25rem; margin: 0; padding: 0;
  list-style: none; }
nav a { display: block; padding: .35rem .6rem; border-radius: .4rem;
  font-size: .9rem; text-decoration: none; white-space: nowrap; }
nav a:hover { background: var(--bar); color: var(--ink); }
nav a:focus-visible { outline-offset: -2px; }
section { margin: 0 0 1.25rem; padding: 1rem 1.25rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem;
  scroll-margin-top: 3.5rem; }

dl, dd { margin: 0; }
.cards { display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 12.5rem), 1fr)); }
.card { padding: .7rem .9rem; border: 1px solid var(--line);
  border-radius: .5rem; border-left: 3px solid var(--accent); }
.card dt { color: var(--quiet); font-size: .875rem; }
.card strong { display: block; font-size: 1.6rem; line-height: 1.25;
  font-weight: 650; font-variant-numeric: tabular-nums; }
.card small { color: var(--quiet); font-size: .8rem; }
.facts { display: grid; gap: .5rem 1.5rem; margin-top: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); }
.facts dt { color: var(--quiet); font-size: .8rem; }
.facts dd { overflow-wrap: anywhere; }

.scroll { overflow: auto; max-height: 36rem; border: 1px solid var(--line);
  border-radius: .5rem; }
table { border-collapse: separate; border-spacing: 0; font-size: .9rem; }
.scroll > table { min-width: 100%; }
th, td { padding: .3rem .7rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
tbody tr:last-child > *, tfoot tr:last-child > * { border-bottom: 0; }
th { font-weight: 500; }
th[scope=row], th:first-child, .text { text-align: left; }
#confusion .sortable th:nth-child(2), #problems th { text-align: left; }
th[scope=row] { position: sticky; left: 0; max-width: 22rem;
  overflow: hidden; text-overflow: ellipsis; background: var(--card); }
.beside th[scope=row] { max-width: 9.5rem; }
.beside th, .beside td { padding: .3rem .5rem; }
.text { white-space: normal; min-width: 10rem; }
thead th { position: sticky; top: 0; z-index: 1; color: var(--quiet);
  background: var(--card); vertical-align: bottom; font-size: .85rem; }
tfoot > tr > * { border-top: 1px solid var(--line); border-bottom: 0; }
tbody tr:hover > * { background-color: var(--page); }
.best > * { font-weight: 700; }
.bar { min-width: 6rem; background: linear-gradient(90deg, var(--bar)
  calc(var(--v) * 100%), transparent 0) no-repeat; }
.wrong { --bar: var(--wrong); }
.wide { width: 100%; }
.wide th { white-space: normal; }
thead button { all: unset; cursor: pointer; padding: .1rem 0;
  white-space: nowrap; }
thead button::after { content: "\2195"; display: inline-block; width: 1em;
  text-align: center; opacity: .55; }
thead button:hover { color: var(--ink); }
thead button:focus-visible { outline: 2px solid var(--focus); }
[aria-sort] { color: var(--ink); }
[aria-sort=ascending] button::after { content: "\2191"; opacity: 1; }
[aria-sort=descending] button::after { content: "\2193"; opacity: 1; }

.matrix { font-size: .8rem; }
.scroll > .matrix { min-width: 0; }
.matrix th, .matrix td { padding: .15rem .3rem; border: 0;
  min-width: 1.9rem; text-align: center; }
.matrix td { border-right: 1px solid var(--line);
  border-bottom: 1px solid var(--line); }
.matrix th[scope=row] { text-align: right; max-width: 14rem;
  border-right: 1px solid var(--line); }
.matrix th[scope=col] { border-bottom: 1px solid var(--line); }
.matrix th[scope=col] span { display: inline-block; max-height: 9rem;
  writing-mode: vertical-rl; transform: rotate(180deg); overflow: hidden;
  text-overflow: ellipsis; }
.matrix thead td { position: sticky; left: 0; top: 0; z-index: 2;
  background: var(--card); }
.matrix .diagonal { background: var(--page); }
.matrix .hit { background: rgb(var(--hit) / var(--s)); }
.matrix .miss { background: rgb(var(--miss) / var(--s)); }
.matrix .strong { color: #fff; }
.scroll + h3 { margin-top: 1.25rem; }

.charts { display: grid; gap: 1.25rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
figure { margin: 0; }
.chart, .beside { min-width: 0; max-width: 28rem; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; }
.chart text { fill: var(--quiet); font-size: 11px; }
.chart .name { fill: var(--ink); }
path { fill: none; stroke-width: 2; stroke-linejoin: round; }
.grid { stroke: var(--line); stroke-width: 1; }
.one { stroke: var(--one); }
.two { stroke: var(--two); stroke-dasharray: 7 3; }
.three { stroke: var(--three); }
.mark { stroke: var(--quiet); stroke-width: 1.5; stroke-dasharray: 2 4; }
.faint { stroke: var(--faint); stroke-width: 1; opacity: .7; }
.picked { stroke: var(--picked); stroke-width: 3; opacity: 1; }
.band { fill: var(--two); stroke: none; opacity: .14; }
.fill { fill: var(--fill); stroke: none; }
.gap { fill: var(--gap); stroke: none; opacity: .75; }
.dots { stroke: none; fill: var(--one); }
.dots.two { fill: var(--two); }
.dots.three { fill: var(--three); }
circle { stroke: transparent; stroke-width: 8; }
rect.fill:hover, circle:hover { fill: var(--ink); }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: .25rem 0 0;
  padding: 0; list-style: none; color: var(--quiet); font-size: .85rem; }
.chart .swatch { display: inline-block; width: 22px; height: 10px;
  margin-right: .4rem; }
details { margin-top: 1rem; }
summary { cursor: pointer; width: fit-content; margin-bottom: .5rem;
  color: var(--accent); }

select, input, .toggle { font: inherit; color: inherit; padding: .3rem .6rem;
  max-width: 100%; background: var(--card); border: 1px solid var(--faint);
  border-radius: .4rem; }
.toggle { cursor: pointer; font-size: .85rem; }
.toggle:hover { border-color: var(--accent); }
.toggle[aria-pressed=true] { background: var(--accent);
  border-color: var(--accent); color: var(--card); }
output { color: var(--picked); font-size: .9rem; }
.tools output { color: var(--quiet); }

.mistakes { display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 8.5rem), 1fr)); }
.mistake { display: flex; flex-direction: column; overflow: hidden;
  border: 1px solid var(--line); border-radius: .5rem; }
.views { display: flex; background: var(--page); }
.views img { display: block; flex: 1; width: 100%; min-width: 0;
  aspect-ratio: 1; object-fit: contain; }
.switched .heat, .show-heat .plain { display: none; }
.show-heat .heat { display: block; }
.mistake figcaption { display: flex; flex: 1; flex-direction: column;
  align-items: flex-start; gap: .5rem; padding: .6rem .75rem; }
.mistake dl { width: 100%; display: grid; gap: .35rem; }
.mistake dt { color: var(--quiet); font-size: .8rem; line-height: 1.2; }
.mistake dd { display: flex; flex-wrap: wrap; gap: 0 .5rem;
  justify-content: space-between;
  line-height: 1.3; }
.mistake dd span { min-width: 0; overflow-wrap: anywhere; }
.mistake b { white-space: nowrap; font-variant-numeric: tabular-nums; }
.mistake small { margin-top: auto; color: var(--quiet);
  overflow-wrap: anywhere; }

@media (max-width: 40rem) {
  body { padding: 0 .6rem 2rem; }
  nav { margin: 0 -.6rem .75rem; padding: .25rem .6rem; }
  section { padding: .8rem; }
  .cards { grid-template-columns: 1fr 1fr; gap: .5rem; }
  .card { padding: .5rem .6rem; }
  .card strong { font-size: 1.3rem; }
  th[scope=row] { max-width: 9rem; }
  .matrix th[scope=row] { max-width: 7rem; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  :root { --page: #fff; }
  body { max-width: none; font-size: 10pt; }
  nav, .skip, .tools, .toggle, #chooser { display: none; }
  section { border: 0; padding: 0; }
  .scroll { max-height: none; overflow: visible; border: 0; }
  thead th, th[scope=row] { position: static; }
  .mistake, .chart, .card, tr { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace torchclassify
