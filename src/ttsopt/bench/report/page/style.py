"""The style of a page: light, dark, narrow and on paper, with letters that stand out by at least 4.5 to 1."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark;
  --ink: #16202a; --muted: #56636f; --line: #dfe5ea; --page: #f5f7f9; --card: #ffffff; --code: #eef2f5;
  --before: #5f6b7a; --after: #0b7568; --good: #0b7568; --bad: #b3261e; --open: #8a5300; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e8edf2; --muted: #a3b0bc; --line: #2f3a45; --page: #11171d; --card: #1a222a; --code: #232d37;
  --before: #9fb0c0; --after: #4fd1bd; --good: #4fd1bd; --bad: #ff8a80; --open: #f2b866; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
header, section, footer { background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  padding: 1.4rem 1.6rem; margin: 0 0 1.1rem; min-width: 0; }
p { margin: 0.35rem 0; overflow-wrap: anywhere; }
h1 { font-size: clamp(1.5rem, 1.1rem + 2.2vw, 2.4rem); line-height: 1.2; margin: 0.3rem 0;
  overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 0.7rem; overflow-wrap: anywhere; }
.about, .note, figcaption span, footer p, .commands span { color: var(--muted); font-size: 0.9rem; }
.verdict { display: inline-block; font-weight: 700; border-radius: 999px; padding: 0.1rem 0.9rem;
  margin: 0.5rem 0 0.2rem;
  border: 2px solid currentColor; color: var(--muted); }
.good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); }
.sure { font-size: 1.05rem; }
.first { border-left: 4px solid var(--open); padding-left: 0.7rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: 0.8rem;
  margin: 1.2rem 0; }
.facts > div { border: 1px solid var(--line); border-radius: 10px; padding: 0.75rem 1rem; min-width: 0; }
dt { color: var(--muted); font-size: 0.85rem; } dd { margin: 0; overflow-wrap: anywhere; }
.value { font-size: 1.25rem; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.3; }
.commands div { margin: 0.5rem 0; }
code { display: block; background: var(--code); border-radius: 8px; padding: 0.55rem 0.8rem; user-select: all;
  font: 0.88rem/1.5 ui-monospace, "Cascadia Code", "DejaVu Sans Mono", monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
  gap: 1.6rem 2rem; align-items: start; }
figure { margin: 0; min-width: 0; } figcaption b, figcaption span { display: block; }
svg { display: block; width: 100%; max-width: 34rem; height: auto; margin: 0.4rem 0; }
svg * { stroke-linejoin: round; }
svg text { font-family: inherit !important; font-variant-numeric: tabular-nums; }
.missing { border-left: 4px solid var(--open); padding-left: 0.7rem; margin-bottom: 1rem; }
details { font-size: 0.9rem; } summary { cursor: pointer; color: var(--muted); padding: 0.2rem 0; }
.wide { overflow-x: auto; margin: 0.3rem 0 0.9rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.92rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 0.8rem; text-align: right; font-weight: 400;
  white-space: nowrap; }
thead th { color: var(--muted); font-size: 0.85rem; }
th:first-child { text-align: left; padding-left: 0; white-space: normal; min-width: 8rem; }
td.words { white-space: normal; min-width: 14rem; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.2rem; } li { margin: 0.2rem 0; overflow-wrap: anywhere; }
.sound { padding: 0.5rem 0; border-top: 1px solid var(--line); } .sound:first-of-type { border-top: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr));
  gap: 0.6rem 1.2rem; }
.pair audio { display: block; width: 100%; } .side { font-size: 0.85rem; }
.side.before { color: var(--before); } .side.after { color: var(--after); }
a:focus-visible, summary:focus-visible, .wide:focus-visible { outline: 3px solid var(--after);
  outline-offset: 2px; }
@media (max-width: 30rem) { th, td { padding: 0.3rem 0.5rem; } table { font-size: 0.85rem; } th:first-child {
  min-width: 6rem; }
  main { padding: 0.5rem 0.5rem 2rem; } header, section, footer { padding: 1rem 0.9rem; border-radius: 10px; } }
@media print { :root { --ink: #000; --muted: #444; --line: #bbb; --page: #fff; --card: #fff; --code: #f2f2f2;
    --before: #5f6b7a; --after: #0b7568; --good: #0b7568; --bad: #b3261e; --open: #8a5300; }
  body { font-size: 11pt; } main { max-width: none; padding: 0; } header, section, footer { border: 0;
  padding: 0.3rem 0; }
  figure, .facts > div, tr { break-inside: avoid; } h2 { break-after: avoid; } .pair audio { display: none; }
  .charts { grid-template-columns: 1fr 1fr; } .wide { overflow: visible; } }
"""
