// The right of the phone: messages.
import { useSignal, useSignalEffect } from "../../vendor/signals.js";
import { useRef } from "../../vendor/hooks.js";
import { html, Icon } from "../marks.js";
import * as s from "./state.js";
import * as m from "./messages.js";
import { partyOf } from "./words.js";
import { plain, short } from "./store.js";

const pause = 4000; // ms without a key after which nobody writes any more

export const Messages = () => html`<section class="panel" data-part="messages" aria-labelledby="h-msg"><header><h2 id="h-msg">Messages</h2>
  ${m.partner.value ? html`<span class="end"><button type="button" class="plain tight" onClick=${() => m.choose("")}>All</button></span>` : null}</header>
  ${m.partner.value ? html`<${Conversation} />` : html`<${List} />`}</section>`;

function List() {
  const begin = (e) => {
    e.preventDefault();
    const to = e.currentTarget.elements.to.value.trim();
    if (to) m.choose(to);
  };
  return html`${m.conversations.value.length === 0 ? html`<p class="note">No messages yet.</p>` : null}
    <ul class="people">${m.conversations.value.map((c) => {
      const count = m.unread.value[plain(c.peer)];
      return html`<li key=${c.peer}><button type="button" class="one idle" onClick=${() => m.choose(c.peer)}><${Icon} name="msg" />
        <span><bdi>${partyOf(c)}</bdi></span><span class="age">${count ? html`<span class="t">${count} new</span>` : ""}</span><span class="d cut"><bdi>${c.text}</bdi></span></button></li>`;
    })}</ul>
    <form class="body row nowrap dial" onSubmit=${begin}><label class="grow">Write to<input name="to" list="known" maxlength="256" autocomplete="off" autocapitalize="none" spellcheck=${false} /></label><button>Write</button></form>`;
}

function Conversation() {
  const text = useSignal("");
  const log = useRef(null);
  const timer = useRef(0);
  useSignalEffect(() => {
    if (m.shown.value && log.current) queueMicrotask(() => (log.current.scrollTop = log.current.scrollHeight));
  });
  const stop = (what) => {
    if (timer.current) s.phone.writing(m.partner.value, what);
    clearTimeout(timer.current);
    timer.current = 0;
  };
  const input = (e) => {
    text.value = e.currentTarget.value;
    if (!timer.current) s.phone.writing(m.partner.value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => stop("paused"), pause);
  };
  const send = (e) => {
    e.preventDefault();
    if (text.value.trim() === "") return;
    clearTimeout(timer.current);
    timer.current = 0;
    m.send(text.value);
    text.value = "";
  };
  return html`<div class="body stack"><h3><bdi>${partyOf({ peer: m.partner.value })}</bdi></h3>
    <div class="log" ref=${log} role="log" aria-label="Messages" tabindex="0">${m.shown.value.map((x) => html`<div key=${x.time + x.text} class=${x.out ? "out" : ""}>
      <span class="vh">${x.out ? "You" : short(x.peer)}: </span><bdi>${x.text}</bdi><small>${new Date(x.time).toTimeString().slice(0, 5)}${x.fault ? html` <span class="t bad">not delivered: <bdi>${x.fault}</bdi></span>` : ""}</small></div>`)}</div>
    <p class="quiet">${plain(m.writing.value) === plain(m.partner.value) && m.writing.value ? "writes" : "\u00a0"}</p>
    <form class="row nowrap dial" onSubmit=${send}><label class="grow">Message<input value=${text.value} onInput=${input} autocomplete="off" maxlength="1000" /></label><button class="go">Send</button></form></div>`;
}
