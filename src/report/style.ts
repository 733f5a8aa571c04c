/**
 * The style sheet of a report page.
 *
 * @module
 */

import { fontStack } from "./svg.ts";
import { themeCss } from "./theme.ts";

/** CSS of a page, the figures' theme included; nothing in it is fetched. */
export function pageCss(): string {
  return `${themeCss()}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--odot-page);color:var(--odot-ink);font:16px/1.6 ${fontStack};overflow-wrap:break-word}
.layout{max-width:1080px;margin:0 auto;padding:56px 24px 80px}
h1{font-size:2.25rem;line-height:1.15;letter-spacing:-.02em;margin:0;text-wrap:balance}
h2{font-size:1.375rem;line-height:1.3;letter-spacing:-.01em;margin:0 0 8px}
h2 a{color:inherit;text-decoration:none}
p{margin:0 0 12px;max-width:68ch}
a{color:var(--odot-positive);text-underline-offset:2px}
a:focus-visible{outline:2px solid var(--odot-positive);outline-offset:2px}
.subtitle{font-size:1.125rem;color:var(--odot-muted);margin:10px 0 0;text-wrap:pretty}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:16px 24px;margin:28px 0 0;padding:18px 0;border-block:1px solid var(--odot-rule)}
.facts dt{font-size:.8125rem;color:var(--odot-muted)}
.facts dd{margin:0;font-size:1.25rem;line-height:1.35;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.contents{margin:20px 0 0;font-size:.9375rem}
.contents ol{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0;padding:0;list-style:none}
.contents a{color:var(--odot-muted);text-decoration:none}
.contents a:hover{color:var(--odot-ink);text-decoration:underline}
section{margin-top:56px;scroll-margin-top:24px}
.figures{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:32px 40px;margin-top:20px;align-items:start}
figure{margin:0;min-width:0}
figure.wide{grid-column:1/-1}
.canvas{overflow-x:auto;overflow-y:hidden;padding-bottom:4px}
.canvas svg{display:block}
figcaption{margin-top:10px;max-width:68ch;font-size:.875rem;line-height:1.5;color:var(--odot-muted)}
.table{overflow-x:auto;margin-top:20px}
table{border-collapse:collapse;font-size:.9375rem;font-variant-numeric:tabular-nums}
th,td{padding:7px 20px 7px 0;text-align:left;border-bottom:1px solid var(--odot-rule);vertical-align:top}
th{font-size:.8125rem;font-weight:600;color:var(--odot-muted);white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
.number{text-align:right;white-space:nowrap}
footer{margin-top:64px;padding-top:16px;border-top:1px solid var(--odot-rule);font-size:.875rem;color:var(--odot-muted)}
@media screen and (max-width:760px){.layout{padding:32px 16px 56px}h1{font-size:1.75rem}.subtitle{font-size:1rem}.figures{grid-template-columns:minmax(0,1fr)}.facts{grid-template-columns:repeat(auto-fit,minmax(120px,1fr))}section{margin-top:44px}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{@page{margin:16mm 14mm}html{color-scheme:light}body{font-size:10.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}.layout{max-width:none;padding:0}.contents{display:none}h2{break-after:avoid}section{margin-top:28px}figure,tr{break-inside:avoid}.canvas,.table{overflow:visible}.canvas>div{min-width:0!important}.figures{gap:24px}}
`;
}
