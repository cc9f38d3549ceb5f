// Shows what the server sends, as text alone: nothing that is received is ever parsed as HTML.
"use strict";

const STALE_AFTER = 6000; // milliseconds without a word; the server has one every two seconds
const RETRY_AFTER = [500, 1000, 2000, 4000]; // milliseconds
const KEY = "chaos-runner-token";
const VERDICTS = { held: "good", deviated: "bad", inconclusive: "doubtful" };
const STATES = {
  clean: "good", dirty: "bad", unknown: "bad", failed: "bad", "fault on": "doubtful",
  "fault off": "none", untouched: "none",
};
const LEVELS = { info: "none", warning: "doubtful", error: "bad" };

const parts = new Map(); // key -> the newest state of a part
const cards = new Map(); // key -> its element
const at = (id) => document.getElementById(id);
let token = "";
let mayAct = false;
let ahead = 0; // seconds by which the server's clock is ahead of this page's
let heard = 0; // when the server was heard last, performance.now()
let connection = null; // the AbortController of the connection that is open
let retries = 0;

// --- elements ------------------------------------------------------------------------------

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

function listOf(tag, className, items, show) {
  return make(tag, className, ...items.map((item) => show(item)));
}

function titled(title, ...children) {
  return [make("h3", "", title), ...children];
}

function clock(seconds) {
  const moment = new Date(seconds * 1000);
  const time = make("time", "", moment.toLocaleTimeString([], { hour12: false }));
  time.dateTime = moment.toISOString();
  return time;
}

// --- a run ---------------------------------------------------------------------------------

function runCard(part) {
  const over = Boolean(part.verdict);
  const title = make("h2", "", part.title || part.run);
  const children = [title, make("p", "soft", `run ${part.run}${part.of && part.of !== "run" ? `, ${part.of}` : ""}`)];
  if (part.problem) children.push(make("p", "bad", `its journal cannot be followed: ${part.problem}`));
  if (part.phase === undefined) return make("div", "", ...children);
  if (over) {
    children.push(make("p", `phase verdict ${VERDICTS[part.verdict]}`, part.verdict));
    if (part.reasons.length) children.push(listOf("ul", "", part.reasons, (each) => make("li", "", each)));
  } else {
    children.push(make("p", "phase", part.phase, part.on ? timeLeft(part) : null));
    if (part.waits_for) children.push(make("p", "soft", `waiting for ${part.waits_for}`));
    if (!part.on) {
      children.push(make("p", "bad broken-off", "No process here executes it: it broke off, or runs elsewhere. Its hosts take their faults back when their leases end; see to it with ", make("code", "", `chaos-runner recover ${part.run}`), "."));
    }
  }
  if (part.tripped) children.push(make("p", "bad tripped", `safeguard tripped: ${part.tripped}`));
  if (part.judged.length) {
    children.push(make("p", "judged", ...part.judged.flatMap((each) => [
      `${each.phase} `, make("span", VERDICTS[each.verdict] ?? "none", each.verdict), "  ",
    ])));
  }
  children.push(figures(part));
  if (part.groups.length) children.push(...groups(part));
  if (part.hosts.length) children.push(...hosts(part));
  if (part.course.length) children.push(...titled("Course", listOf("ul", "plain course", part.course, (line) => make("li", "", line))));
  if (part.load) children.push(...titled("Load beside the probe", make("p", "", part.load)));
  if (part.safeguards.length) children.push(...titled("Safeguards", listOf("ul", "plain", part.safeguards, safeguard)));
  if (part.checks.length) {
    children.push(...titled("Checks", listOf("ul", "plain", part.checks, (each) =>
      make("li", "", `${each.name}: `, make("span", VERDICTS[each.verdict] ?? "none", each.text)))));
  }
  if (part.again.length) {
    children.push(...titled("Again and again", listOf("ul", "plain", part.again, (each) =>
      make("li", "", `${each.host ? `${each.host}: ` : ""}${each.text} (×${each.times})`))));
  }
  children.push(...titled("What happened", log(part.happened, (each) =>
    make("li", LEVELS[each.level] ?? "none", clock(each.at), `${each.host ? `${each.host}: ` : ""}${each.text}`))));
  return make("div", "", ...children);
}

function timeLeft(part) {
  const left = make("small", "left");
  left.dataset.began = part.began;
  left.dataset.length = part.length ?? "";
  left.dataset.limit = part.limit ?? "";
  return left;
}

function figures(part) {
  const figure = (name, value, className) =>
    make("div", "", make("dt", "", name), make("dd", className ?? "", value));
  const records = Object.entries(part.records).map(([name, number]) =>
    figure(name, number.toLocaleString("en"), name === "lost" && number ? "bad" : ""));
  const latencies = [figure("latency p50", part.latency.p50), figure("latency p99", part.latency.p99)];
  return make("dl", "figures", ...records, ...latencies);
}

function groups(part) {
  const head = make("tr", "", ...["partitions", "acknowledged", "p50", "p99"].map((name) => {
    const cell = make("th", "", name);
    cell.scope = "col";
    return cell;
  }));
  const rows = part.groups.map((group) => {
    const name = make("th", "", group.name);
    name.scope = "row";
    const few = group.acknowledged !== null && group.acknowledged < 99;
    const share = group.acknowledged === null ? "—" : `${Math.floor(group.acknowledged)} %`;
    return make("tr", "", name, make("td", few ? "bad" : "", share), make("td", "", group.p50), make("td", "", group.p99));
  });
  return titled("Now, by exposure group", make("table", "", make("thead", "", head), make("tbody", "", ...rows)));
}

function hosts(part) {
  const total = Object.values(part.host_states).reduce((sum, each) => sum + each, 0);
  const counted = Object.entries(part.host_states).map(([state, number]) => `${number} ${state}`).join(", ");
  const list = listOf("ul", "hosts", part.hosts, (host) =>
    make("li", "", make("b", "", host.name), " ", make("span", STATES[host.state] ?? "none", host.state),
      ...host.faults.map((fault) => make("div", "soft", fault))));
  const more = total > part.hosts.length ? [make("p", "soft", `and ${total - part.hosts.length} more`)] : [];
  return titled(`Hosts: ${counted}`, list, ...more);
}

function safeguard(each) {
  const share = Math.min(1, each.exceeded_for / each.hold);
  const bar = make("progress");
  bar.max = 1;
  bar.value = share;
  bar.setAttribute("aria-label", `${each.text}: exceeded for ${each.exceeded_for} of ${each.hold} seconds`);
  const now = each.exceeded_for ? make("span", "bad", `exceeded for ${each.exceeded_for} s of ${each.hold} s`) : make("span", "none", "not exceeded");
  return make("li", "", `${each.text}: now ${each.seen}, `, now, bar);
}

function log(lines, show) {
  const list = listOf("ol", "plain log", [...lines].reverse(), show);
  list.tabIndex = 0; // so that a keyboard scrolls it
  list.setAttribute("aria-label", "the newest first");
  return list;
}

// --- a game day ----------------------------------------------------------------------------

function dayCard(part) {
  const children = [make("h2", "", part.title ? `Game day: ${part.title}` : part.day)];
  if (part.problem) children.push(make("p", "bad", `its journal cannot be followed: ${part.problem}`));
  if (!part.items) return make("div", "", ...children);
  const how = part.finished ? "over" : part.on ? "somebody walks through it" : "nobody walks through it now; gameday resume goes on";
  children.push(make("p", "soft", `${part.day}${part.rehearsal ? ", rehearsal" : ""}: ${how}`));
  children.push(...titled("Agenda", listOf("ol", "", part.items, (item) =>
    make("li", "", item.kind ? make("span", "soft", `${item.kind} `) : null, make("b", "", item.title),
      item.state ? make("span", `state ${itemTone(item.state)}`, item.state) : null,
      item.expected ? make("div", "soft", `expected: ${item.expected}`) : null,
      item.noticed_first_by ? make("div", "soft", `to notice it first: ${item.noticed_first_by}`) : null))));
  children.push(...titled("Notes and what happened", log(part.written, (each) =>
    make("li", "", clock(each.at), `${each.text} `, make("span", "soft", each.by)))));
  return make("div", "", ...children);
}

function itemTone(state) {
  if (/aborted|no-go|broke/.test(state)) return "doubtful";
  if (/now|running/.test(state)) return "going-on";
  return VERDICTS[state] ?? "none";
}

// --- drawing -------------------------------------------------------------------------------

function show(key) {
  const part = parts.get(key);
  if (part?.kind === "stop" || key === "stop") return showStop(part);
  if (key === "problem") return say(part ? `the server cannot follow its journals: ${part.text}` : "");
  let card = cards.get(key);
  if (!part) {
    card?.remove();
    cards.delete(key);
  } else {
    if (!card) {
      card = make("article", "card", make("div"));
      card.dataset.key = key;
      if (part.kind === "day" && mayAct) card.append(remarksOf(part.day));
      cards.set(key, card);
      place(card, part);
    }
    card.classList.toggle("over", Boolean(part.verdict || part.finished));
    const scrolled = card.querySelector(".log")?.scrollTop ?? 0;
    const focused = card.firstChild.contains(document.activeElement);
    card.firstChild.replaceWith(part.kind === "run" ? runCard(part) : dayCard(part));
    const list = card.querySelector(".log");
    if (list) list.scrollTop = scrolled;
    if (list && focused) list.focus({ preventScroll: true });
  }
  at("nothing").hidden = cards.size > 0;
  tick();
}

function place(card, part) {
  // The newest first: the keys of runs and of days begin with their moment.
  const into = at(part.kind === "run" ? "runs" : "days");
  const before = [...into.children].find((each) => each.dataset.key < card.dataset.key);
  into.insertBefore(card, before ?? null);
}

function showStop(part) {
  at("stopping").hidden = !part;
  if (!part) return;
  const words = { "at work": "stopping", clean: "stopped: every host is clean", "not clean": "stopped, but not everything is known to be clean" };
  const state = at("stopping-state");
  state.textContent = words[part.state] ?? part.state;
  state.className = part.state === "clean" ? "good" : part.state === "at work" ? "doubtful" : "bad";
  at("stopping-lines").replaceChildren(...part.lines.map((line) => make("li", "", line)));
}

function tick() {
  const now = Date.now() / 1000 + ahead;
  for (const left of document.querySelectorAll(".left")) {
    const spent = Math.max(0, now - Number(left.dataset.began));
    const { length, limit } = left.dataset;
    if (length) left.textContent = `${Math.max(0, Math.ceil(Number(length) - spent))} s left`;
    else if (limit) left.textContent = `${Math.floor(spent)} s, at most ${limit} s`;
    else left.textContent = `${Math.floor(spent)} s`;
  }
  const silent = performance.now() - heard;
  if (!token) return;
  const stale = !heard || silent > STALE_AFTER;
  document.body.classList.toggle("stale", stale);
  const line = at("line");
  const words = stale
    ? heard ? `stale: nothing heard for ${Math.floor(silent / 1000)} s; connecting again` : "connecting"
    : `live${mayAct ? "" : "; this link only looks"}`;
  if (line.textContent !== words) line.textContent = words;
  line.className = `line ${stale ? "bad" : "good"}`;
}

function say(text) {
  at("said").textContent = text;
  at("said").hidden = !text;
}

// --- the connection ------------------------------------------------------------------------

function take(name, data) {
  heard = performance.now();
  if (data.now) ahead = data.now - Date.now() / 1000;
  if (name === "hello") {
    retries = 0;
    mayAct = data.may_act;
    at("stop").hidden = !mayAct;
    for (const key of [...parts.keys()]) {
      if (!data.keys.includes(key)) { parts.delete(key); show(key); }
    }
    at("nothing").hidden = data.keys.length > 0;
  } else if (name === "part") {
    if (data.part) parts.set(data.key, data.part);
    else parts.delete(data.key);
    show(data.key);
  }
  tick();
}

async function listen(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (name) take(name, JSON.parse(data));
    }
  }
}

async function connect() {
  const own = new AbortController();
  connection = own;
  const began = performance.now();
  const watch = setInterval(() => {
    if (performance.now() - Math.max(heard, began) > STALE_AFTER) own.abort();
  }, 500);
  try {
    const response = await fetch("/events", { headers: { Authorization: `Bearer ${token}` }, signal: own.signal, cache: "no-store" });
    if (response.status === 401) return leave();
    if (response.ok) await listen(response);
  } catch {
    // the network, the server, or nothing heard: tried again below
  } finally {
    clearInterval(watch);
  }
  if (connection !== own) return;
  const wait = RETRY_AFTER[Math.min(retries, RETRY_AFTER.length - 1)];
  retries += 1;
  setTimeout(() => { if (connection === own) connect(); }, wait);
}

function enter(entered) {
  connection?.abort();
  token = entered;
  try { sessionStorage.setItem(KEY, entered); } catch { /* for this page alone */ }
  at("enter").hidden = true;
  heard = 0;
  connect();
}

function leave() {
  connection = null;
  token = "";
  try { sessionStorage.removeItem(KEY); } catch { /* there is none */ }
  at("enter").hidden = false;
  at("line").textContent = "this needs a token of the server that runs now";
  at("line").className = "line doubtful";
  at("stop").hidden = true;
}

// --- acting --------------------------------------------------------------------------------

async function ask(path, body) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    say(answer.done ?? `${answer.error}${answer.hint ? `: ${answer.hint}` : ""}`);
    return response.ok;
  } catch {
    say("the server cannot be reached: nothing was done; use chaos-runner halt in a shell");
    return false;
  }
}

function remarksOf(day) {
  const remarks = at("remarks").content.cloneNode(true).firstElementChild;
  for (const form of remarks.querySelectorAll("form")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const written = Object.fromEntries(new FormData(form));
      if (await ask(form.dataset.path, { ...written, day })) {
        for (const field of form.querySelectorAll("input:not([name=name])")) field.value = "";
      }
    });
  }
  return remarks;
}

at("stop").addEventListener("click", () => at("confirm").showModal());
at("confirm").addEventListener("close", () => {
  const dialog = at("confirm");
  if (dialog.returnValue !== "stop") return;
  dialog.returnValue = "";
  ask("/stop", { name: at("stop-name").value, reason: at("stop-reason").value });
});
at("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  enter(at("token").value.trim().replace(/^.*#/, ""));
  at("token").value = "";
});
addEventListener("hashchange", () => { const other = given(); if (other) enter(other); });
addEventListener("online", () => connection?.abort());
setInterval(tick, 500);

function given() {
  const inLink = location.hash.slice(1);
  if (inLink) history.replaceState(null, "", location.pathname); // out of the address and the history
  try { return inLink || sessionStorage.getItem(KEY); } catch { return inLink; }
}

const first = given();
if (first) enter(first);
else leave();
