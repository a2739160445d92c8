/** How a report looks: on a screen, light and dark, and on paper. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1f2328; --muted: #57606a; --line: #d0d7de; --surface: #ffffff; --soft: #f6f8fa;
}
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --muted: #a0a8b1; --line: #3a4048; --surface: #171b21; --soft: #20252c; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--surface); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 1.5rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
h1, h2, h3, h4, th, strong { font-weight: 600; }
p, ul, ol, blockquote { margin: 0 0 1rem; }
blockquote { padding-left: 1rem; border-left: 3px solid var(--line); color: var(--muted); }
.facts, figcaption { color: var(--muted); font-size: .875rem; }
a { color: inherit; }
pre { background: var(--soft); padding: .75rem 1rem; font-size: .8125rem; white-space: pre-wrap; border-radius: 6px; }
code { background: var(--soft); padding: 0 .25em; border-radius: 4px; font-size: .9em; }
.wide { overflow-x: auto; margin: 0 0 1.25rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td {
  text-align: left; vertical-align: top; overflow-wrap: break-word;
  padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line);
}
figure { margin: 1.5rem 0; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { margin-top: .5rem; }
summary { cursor: pointer; margin: 1.5rem 0 .5rem; }
.dark { display: none; }
@media screen and (prefers-color-scheme: dark) { .light { display: none; } .dark { display: block; } }
@media print {
  @page { margin: 18mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  figure, tr, pre { break-inside: avoid; }
  .wide { overflow: visible; }
  details { display: none; }
}
`
