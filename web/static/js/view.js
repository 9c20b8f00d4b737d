// Paints a view as templates/parts.html does. All that comes from outside is text.
import { useSignal } from "../vendor/signals.js";
import { html, Icon, State } from "./marks.js";
import { part, now, state } from "./live.js";
import { length } from "./format.js";
import { submit } from "./forms.js";

// Only our own addresses are followed.
const own = (href) => (typeof href === "string" && /^[/#](?!\/)/.test(href) ? href : undefined);

const Hidden = ({ fields }) => (fields || []).map((f) => html`<input type="hidden" name=${f.name} value=${f.value} />`);

export function Act({ act }) {
  const label = html`${act.shape && html`<${Icon} name=${act.shape} />`}${act.label}`;
  const name = act.about ? `${act.label} ${act.about}` : undefined;
  const kind = "tight" + (act.risk ? " risk" : "");
  if (act.href) return html`<a class=${"btn " + kind} href=${own(act.href)} aria-label=${name} data-ask=${act.ask ? "" : undefined}>${label}</a>`;
  return html`<form method="post" action=${own(act.action)} onSubmit=${submit}>
    <${Hidden} fields=${act.fields} /><button class=${kind} aria-label=${name}>${label}</button></form>`;
}

function Choice({ choice }) {
  if (!choice.buttons) return html`<${List} choice=${choice} />`;
  return html`<form method="post" action=${own(choice.action)} class="row nowrap" onSubmit=${submit}>
    <${Hidden} fields=${choice.fields} /><span class="seg" role="group" aria-label=${choice.label}>
    ${choice.options.map((o) => html`<button name="value" value=${o.value} aria-pressed=${String(o.value === choice.value)}>${o.label}</button>`)}
    </span></form>`;
}

// A list never changes under the hand that holds it: what others have set meanwhile stands beside it, and
// what is sent then is a change of what was seen, so that the member can say who was first.
function List({ choice }) {
  const held = useSignal(null); // the choice when the hand took it
  const sent = useSignal(null); // what was sent, until the member tells it
  const edition = JSON.stringify([choice.value, choice.fields]);
  const mine = sent.value && sent.value.edition === edition ? sent.value.value : null;
  const seen = held.value || choice;
  const other = seen.value !== choice.value && choice.options.find((o) => o.value === choice.value);
  const change = (e) => {
    sent.value = { edition, value: e.currentTarget.value };
    e.currentTarget.form.requestSubmit();
    held.value = null;
  };
  const send = async (e) => {
    if (!(await submit(e))) sent.value = null;
  };
  return html`<form method="post" action=${own(choice.action)} class="row nowrap" onSubmit=${send}>
    <${Hidden} fields=${seen.fields} />
    <select name="value" aria-label=${choice.label} value=${mine ?? seen.value} onChange=${change}
      onFocus=${() => (held.value = choice)} onBlur=${() => (held.value = null)}>
      ${choice.options.map((o) => html`<option value=${o.value}>${o.label}</option>`)}</select>
    ${other ? html`<small class="quiet">now ${other.label}</small>` : null}</form>`;
}

function Running({ cell }) {
  const ms = cell.run === "up" ? now() - cell.at : cell.at - now();
  return length(ms);
}

function Words({ cell }) {
  if (cell.sound) return html`<audio controls preload="none" src=${own(cell.sound)} aria-label=${cell.text}></audio>`;
  if (!cell.text && !cell.run) return null;
  const text = html`<bdi>${cell.run ? html`<${Running} cell=${cell} />` : cell.text}</bdi>`;
  if (cell.href) return html`<a class=${cell.mono ? "n mono" : "n"} href=${own(cell.href)} title=${cell.whole}>${text}</a>`;
  const kind = (cell.mono ? "mono" : "") + (cell.muted ? "zero" : "");
  return html`<span class=${kind || undefined} title=${cell.whole}>${text}</span>`;
}

const Tag = ({ tag }) =>
  html` <span class="tag" title=${tag.title}>${tag.shape && html`<${Icon} name=${tag.shape} />`}<bdi>${tag.word}</bdi></span>`;

const Share = ({ share }) => html`<svg class=${"bar-in " + share.tone} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
  <rect class="bg" width="100" height="6" rx="1" /><rect class="fg" width=${share.part} height="6" rx="1" /><rect class="tk" x=${share.goal} width="1" height="6" /></svg>`;

const Menu = ({ menu }) => html`<button type="button" class="plain tight more" popovertarget=${menu.id} aria-label=${"Acts: " + menu.about}><${Icon} name="more" /></button>
  <div class="acts" id=${menu.id} popover="auto"><b><bdi>${menu.about}</bdi></b>${menu.acts.map((act) => html`<${Act} act=${act} />`)}</div>`;

const Cell = ({ cell }) => html`${cell.share && html`<${Share} share=${cell.share} />`}
  ${cell.bar != null && html`<meter class="load" min="0" max="1000" value=${cell.bar} aria-label="Load">${cell.bar / 10} %</meter>`}
  ${cell.state && html`<${State} ...${cell.state} />`}<${Words} cell=${cell} />
  ${(cell.tags || []).map((tag) => html`<${Tag} tag=${tag} />`)}
  ${cell.choice && html`<${Choice} choice=${cell.choice} />`}
  ${cell.acts && html`<span class="row nowrap">${cell.acts.map((act) => html`<${Act} act=${act} />`)}</span>`}
  ${cell.menu && html`<${Menu} menu=${cell.menu} />`}`;

function Cells({ row, gone }) {
  const kind = [row.tone && "lvl " + row.tone, gone && "gone"].filter(Boolean).join(" ");
  return html`<tr class=${kind || undefined} id=${row.id}>${row.cells.map((c, i) =>
    i === 0
      ? html`<th scope="row" class=${c.num ? "num" : undefined}><${Cell} cell=${c} /></th>`
      : html`<td class=${c.num ? "num" : undefined}><${Cell} cell=${c} /></td>`,
  )}</tr>`;
}

function Row({ panel, name, gone }) {
  const row = part(`r/${panel}/${name}`).value;
  return row ? html`<${Cells} row=${row} gone=${gone} />` : null;
}

const Head = ({ c }) => html`<th scope="col" class=${c.num ? "num" : undefined} aria-sort=${c.sorted}>
  ${c.sort ? html`<a href=${own(c.sort)}>${c.label}</a>` : c.label}</th>`;

function Table({ id, panel }) {
  const t = panel.table;
  const gone = panel.gone || [];
  return html`<div class=${"scroll" + (t.sticky ? " sticky" : "") + (t.wrap ? " wrap" : "")} tabindex="0" role="region" aria-label=${panel.title + ", table"}>
    <table class=${t.roomy ? "roomy" : undefined}>
      <colgroup>${t.columns.map((c) => html`<col class=${c.width} />`)}</colgroup>
      <thead><tr>${t.columns.map((c) => html`<${Head} c=${c} />`)}</tr></thead>
      <tbody>${panel.rows.map((r) => html`<${Row} key=${r} panel=${id} name=${r} gone=${gone.includes(r)} />`)}</tbody>
      ${t.foot && html`<tfoot><${Cells} row=${t.foot} /></tfoot>`}
    </table></div>
    ${panel.rows.length === 0 && t.empty ? html`<p class="note">${t.empty}</p>` : null}
    ${t.more ? html`<p class="note">${t.more}</p>` : null}`;
}

function Tile({ panel, name }) {
  const row = part(`r/${panel}/${name}`).value;
  return row ? html`<li class=${row.tone}>${row.cells.map((c, i) =>
    i === 0 ? html`<b><${Cell} cell=${c} /></b>` : html`<span class="d"><${Cell} cell=${c} /></span>`)}</li>` : null;
}

const Tiles = ({ id, panel }) => html`<ul class="agents">${panel.rows.map((r) => html`<${Tile} key=${r} panel=${id} name=${r} />`)}</ul>
  ${panel.rows.length === 0 && panel.table.empty ? html`<p class="note">${panel.table.empty}</p>` : null}
  ${panel.table.more ? html`<p class="note">${panel.table.more}</p>` : null}`;

const Note = ({ note }) => html`<p class="note"><${State} ...${note.state} /> ${
  note.href ? html`<a href=${own(note.href)}>${note.text}</a>` : html`<span><bdi>${note.text}</bdi></span>`
} ${note.act && html`<${Act} act=${note.act} />`}</p>`;

const Chart = ({ chart }) => html`<div class="body"><svg class=${"chart " + chart.tone} viewBox="0 0 560 182" role="img" aria-label=${chart.label}>
  ${chart.ticks.map((t) => html`<path class="grid" d=${`M34 ${t.at}H556`} /><text x="28" y=${t.base} text-anchor="end">${t.word}</text>`)}
  <path class="line" d=${chart.line} />
  ${(chart.marks || []).map((t) => html`<path class="grid" d=${`M${t.at} 10V160`} /><text x=${t.at} y="9" text-anchor="middle">${t.word}</text>`)}
  ${chart.labels.map((t) => html`<text x=${t.at} y="176" text-anchor="middle">${t.word}</text>`)}</svg></div>`;

function Panel({ id }) {
  const p = part("p/" + id).value;
  if (!p) return null;
  return html`<section class="panel" aria-labelledby=${"h-" + id}>
    <header><h2 id=${"h-" + id}>${p.title}</h2><span class="quiet">${p.quiet}</span>
    ${p.later ? html`<span class="tag">${p.later} more, shown when the pointer has left</span>` : null}</header>
    ${p.chart && html`<${Chart} chart=${p.chart} />`}
    ${p.table && html`<${p.table.tiles ? Tiles : Table} id=${id} panel=${p} />`}
    ${(p.choice || p.text) && html`<div class="body stack">${p.choice && html`<${Choice} choice=${p.choice} />`}
      ${p.text && html`<p class="quiet">${p.text}</p>`}</div>`}
    ${(p.notes || []).map((note) => html`<${Note} note=${note} />`)}</section>`;
}

function Figure({ id }) {
  const f = part("f/" + id).value;
  if (!f) return null;
  const value = f.run ? html`<${Running} cell=${f} />` : f.value;
  return html`<div class=${"fig" + (f.tone ? " lvl " + f.tone : "")}><span class="k">${f.label}</span>
    <span class="v">${f.href ? html`<a href=${own(f.href)}>${value}</a>` : html`<bdi>${value}</bdi>`}${f.of && html` <small>${f.of}</small>`}</span>
    <span class="x">${f.state ? html`<${State} ...${f.state} />` : f.note}</span></div>`;
}

// Panels of half the width stand beside each other.
function pairs(ids) {
  const rows = [];
  let open = false;
  for (const id of ids) {
    const half = Boolean((part("p/" + id).value || {}).half);
    if (half && open) rows[rows.length - 1].ids.push(id);
    else rows.push({ half, ids: [id] });
    open = half;
  }
  return rows;
}

export function View() {
  const v = part("view").value;
  if (!v) return null;
  return html`${v.figures.length > 0 && html`<section class="figs" aria-label="Figures">${v.figures.map((id) => html`<${Figure} key=${id} id=${id} />`)}</section>`}
    ${pairs(v.panels).map((row) => html`<div key=${row.ids.join()} class=${"cols" + (row.half ? " two" : "")}>
      ${row.ids.map((id) => html`<${Panel} key=${id} id=${id} />`)}</div>`)}`;
}

export { html, Icon, State, state };
