/** All of the report's looks: it loads nothing, reads in light and dark, from 320 pixels on, and on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: #ffffff; --panel: #f6f8fa; --line: #d0d7de; --text: #1f2328; --dim: #57606a; --link: #0550ae;
  --good: #116329; --bad: #a40e26; --doubt: #7a4b00; --data: #0550ae; --fault: #f3d9a4; --inject: #c9a3f0; --restore: #9ecbff;
  --a: #0969da; --b: #bf3989; --c: #1a7f37; --d: #9a6700; --e: #6639ba; --f: #57606a;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --back: #0d1117; --panel: #161b22; --line: #3d444d; --text: #e6edf3; --dim: #9da7b3; --link: #79c0ff;
    --good: #7ee787; --bad: #ffa198; --doubt: #e3b341; --data: #79c0ff; --fault: #574119; --inject: #55397a; --restore: #1c4a7d;
    --a: #79c0ff; --b: #ff9bce; --c: #7ee787; --d: #e3b341; --e: #d2a8ff; --f: #9da7b3;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .35rem 0; }
ul, ol { margin: .35rem 0; padding-left: 1.25rem; }
a { color: var(--link); }
.dim, figcaption, .axis, footer { color: var(--dim); font-size: .875rem; }
.verdict { font-weight: 700; text-transform: uppercase; letter-spacing: .03em; }
.good { color: var(--good); } .bad { color: var(--bad); } .doubt { color: var(--doubt); }
.outcomes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: .75rem; margin: 1rem 0; padding: 0; }
.outcomes div { background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; }
.facts { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: .1rem .75rem; margin: .35rem 0; }
dt { color: var(--dim); font-size: .875rem; } dd { margin: 0; }
.outcomes dd:first-of-type { font-weight: 700; font-size: 1.1rem; }
.notice { border: 2px solid var(--bad); border-radius: .4rem; padding: .6rem .8rem; margin: 1rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; overflow-wrap: break-word; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 600; }
code, pre, .log { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .8125rem; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; white-space: pre-wrap; margin: .5rem 0; }
.log { list-style: none; padding: 0; }
.log li { padding: .1rem 0; }
figure { margin: .75rem 0; }
svg { display: block; width: 100%; background: var(--panel); border: 1px solid var(--line); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
svg * { vector-effect: non-scaling-stroke; }
svg.plot { height: 8rem; } svg.lane { height: 1.1rem; } svg.strip { height: 1.4rem; }
.axis { display: flex; justify-content: space-between; gap: 1rem; }
.curve { fill: none; stroke: var(--data); stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.limit { fill: none; stroke: var(--dim); stroke-width: 1; stroke-dasharray: 4 3; }
.in { fill: var(--fault); } .injecting { fill: var(--inject); } .restoring { fill: var(--restore); }
.ok { fill: var(--good); } .no { fill: var(--bad); } .err { fill: var(--doubt); } .none { fill: var(--line); } .mixed { fill: var(--text); }
.a { fill: var(--a); } .b { fill: var(--b); } .c { fill: var(--c); } .d { fill: var(--d); } .e { fill: var(--e); } .f { fill: var(--f); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0; font-size: .875rem; color: var(--dim); }
.legend svg { display: inline-block; width: .9rem; height: .9rem; vertical-align: -.1rem; margin-right: .35rem; }
footer { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: .5rem; }
@media (max-width: 30rem) { .facts { grid-template-columns: minmax(0, 1fr); } }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, h3 { break-after: avoid; } figure, .outcomes div, li, tr { break-inside: avoid; }
  .scroll { overflow: visible; }
}
`;
