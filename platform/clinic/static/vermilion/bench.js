// The mask bench: holds the hole being drawn, lets tools, keys and buttons act on it, and shows what it means.
// The 256 x 256 grid is the truth; the stage, the preview, the coverage and the advice are all drawn from it.

import { advice, refusal } from "./bench/advice.js";
import { SIZE, coverage, ellipse, empty, pack, unpack } from "./bench/grid.js";
import { watch } from "./bench/hands.js";
import { History } from "./bench/history.js";
import { listen } from "./bench/keys.js";
import { Picture } from "./bench/picture.js";
import { Server } from "./bench/server.js";
import { TOOLS } from "./bench/tools.js";
import { Viewport } from "./bench/viewport.js";

const by = (id) => document.getElementById(id);
const bench = by("bench");
const canvas = by("paint");
const photo = new Image();
const view = new Viewport();
const past = new History();
const picture = new Picture(canvas, by("seen"), photo);
const server = new Server(bench.dataset, bench.querySelector("[name=csrfmiddlewaretoken]").value);

const desk = {
  grid: empty(),
  tool: "brush",
  diameter: 18,
  veil: 0.62,
  cross: null,
  pointer: null,
  panKey: false,
  source: "drawn",
  dirty: false,
  next: Number(bench.dataset.next),
};

// ---- showing

let waiting = false;

/** Draws one frame soon; many calls make one frame. */
function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    const tool = TOOLS[desk.tool];
    const loose = desk.tool === "polygon" && tool.corners.length ? [...tool.corners, desk.cross ?? desk.pointer].filter(Boolean) : tool?.corners;
    const ring = tool && desk.tool !== "lasso" && desk.tool !== "polygon";
    picture.draw(view, desk.veil, { cross: desk.cross, pointer: ring && !desk.cross ? desk.pointer : null, diameter: ring ? desk.diameter : 0, corners: loose });
    by("zoom-says").textContent = `${Math.round((100 * view.scale) / view.fitted)} %`;
  });
}

/** Takes a changed hole to everything that shows it. */
function changed({ dirty = true, source = "drawn" } = {}) {
  Object.assign(desk, { dirty, source });
  picture.take(desk.grid);
  const share = 100 * coverage(desk.grid);
  by("coverage").textContent = `${share.toFixed(1)} %`;
  by("gauge-at").style.left = `${Math.min(100, share * 4)}%`;
  by("advice").replaceChildren(...advice(desk.grid, bench.dataset.side).map(line));
  document.querySelector("[data-act=undo]").disabled = past.past.length === 0;
  document.querySelector("[data-act=redo]").disabled = past.future.length === 0;
  if (dirty) state("Not saved yet");
  redraw();
}

function line({ kind, title, words }) {
  const item = document.createElement("li");
  item.className = `check ${kind}`;
  const [span, bold] = [document.createElement("span"), document.createElement("b")];
  bold.textContent = title;
  span.append(bold, words);
  item.append(by(kind).content.cloneNode(true), span);
  return item;
}

const state = (words) => { by("state").querySelector("span").textContent = words; };
const say = (words) => { by("says").textContent = words; };

function trouble(message, code = "") {
  const [bold, words, mark] = by("trouble").querySelectorAll("b, div > span");
  const [first, ...rest] = message.split(/(?<=\.) /);
  [bold.textContent, words.textContent, mark.textContent] = [first, rest.join(" "), code];
  by("trouble").hidden = false;
  by("trouble").focus();
}

function calm() {
  by("trouble").hidden = true;
}

// ---- acts

function act(change, options) {
  past.keep(desk.grid);
  change();
  changed(options);
}

function pick(tool) {
  for (const each of Object.values(TOOLS)) each.corners = [];
  desk.tool = tool;
  for (const button of document.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", button.dataset.tool === tool);
  canvas.dataset.hand = tool;
  redraw();
}

function resize(diameter) {
  desk.diameter = Math.min(80, Math.max(1, diameter));
  by("size").value = desk.diameter;
  by("size-says").textContent = `${desk.diameter} px`;
  redraw();
}

function startShape() {
  // The patient's left is on the viewer's right, and the lip lies below the middle of a usual crop.
  const [x, rx] = { left: [138, 34], right: [118, 34], bilateral: [128, 46] }[bench.dataset.side];
  act(() => { desk.grid = empty(); ellipse(desk.grid, x, 150, rx, 38, 1); });
  say("Start shape placed. Undo brings back what was there.");
}

function closePolygon() {
  const { polygon } = TOOLS;
  if (!polygon.corners.length) return;
  past.keep(desk.grid);
  if (polygon.close(desk.grid)) changed();
  else past.drop();
  redraw();
}

function back(step, words) {
  desk.grid = past[step](desk.grid);
  changed();
  say(words);
}

const ACTS = {
  start: startShape,
  clear: () => { act(() => { desk.grid = empty(); }); say("Hole taken away. Undo brings it back."); },
  undo: () => { if (past.past.length) back("undo", "Undone."); },
  redo: () => { if (past.future.length) back("redo", "Done again."); },
  smaller: () => resize(desk.diameter - 2),
  larger: () => resize(desk.diameter + 2),
  in: () => { view.zoom(1.25); redraw(); },
  out: () => { view.zoom(0.8); redraw(); },
  fit: () => { view.fit(); redraw(); },
  close: closePolygon,
  drop: () => { for (const each of Object.values(TOOLS)) each.corners = []; redraw(); },
  help: () => by("keys").showModal(),
  save,
};

async function save() {
  calm();
  const blocked = refusal(desk.grid);
  if (blocked) return trouble(blocked);
  if (!desk.dirty) return say("Nothing changed since the last version.");
  if (by("save").getAttribute("aria-busy") === "true") return undefined;
  by("save").setAttribute("aria-busy", "true");
  state("Saving…");
  const bits = pack(desk.grid);
  try {
    kept((await server.save(bits, desk.source)).version, bits);
  } catch (error) {
    state("Kept here, not saved");
    trouble(error.message, error.code);
  } finally {
    by("save").removeAttribute("aria-busy");
  }
  return undefined;
}

function kept(version, bits) {
  const clock = new Date().toTimeString().slice(0, 5);
  const item = by("version").content.cloneNode(true);
  item.querySelector("b").textContent = `v${version}`;
  item.querySelector(".ver-when").textContent = `Today ${clock}`;
  item.querySelector("button").dataset.version = version;
  item.querySelector("button").dataset.url = `${bench.dataset.save.split("?")[0]}/${version}`;
  by("versions").prepend(item);
  standOn(version);
  desk.next = version + 1;
  by("save").querySelector("span").textContent = `Save as v${desk.next}`;
  // What was drawn while the answer was on its way is not in that version.
  desk.dirty = pack(desk.grid).some((byte, i) => byte !== bits[i]);
  state(`Saved as v${version}, ${clock}`);
  say(`Saved as version ${version}.`);
  document.dispatchEvent(new Event("vermilion:saved"));
}

function standOn(version) {
  for (const button of by("versions").querySelectorAll("button")) {
    if (button.dataset.version === String(version)) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

/** Fetches bits and puts them on the desk as one act that undo takes back. */
async function take(fetching, words, options) {
  calm();
  try {
    const bits = await fetching;
    act(() => { desk.grid = unpack(bits); }, options);
    say(words);
  } catch (error) {
    trouble(error.message, error.code);
  }
}

// ---- hands and keys

const hands = {
  panning: () => desk.tool === "pan" || desk.panKey,
  begin(point) {
    desk.cross = null;
    down(point);
  },
  move: drag,
  end: lift,
  cancel() {
    const tool = TOOLS[desk.tool];
    if (!tool.waits) desk.grid = past.drop();
    tool.corners = [];
    changed({ dirty: desk.dirty, source: desk.source });
  },
  hover(point) {
    desk.pointer = point;
    if (point) desk.cross = null;
    redraw();
  },
  pan(dx, dy) {
    view.pan(dx, dy);
    redraw();
  },
  zoom(factor, x, y) {
    view.zoom(factor, x, y);
    redraw();
  },
};

function down(point) {
  const tool = TOOLS[desk.tool];
  if (!tool) return;
  if (tool.closesAt?.(point, 10 / view.scale)) {
    closePolygon();
    return;
  }
  if (!tool.waits) past.keep(desk.grid);
  tool.begin(desk.grid, point, desk.diameter);
  picture.take(desk.grid);
  redraw();
}

function drag(point) {
  TOOLS[desk.tool]?.move(desk.grid, point, desk.diameter);
  picture.take(desk.grid);
  redraw();
}

function lift() {
  const tool = TOOLS[desk.tool];
  if (!tool) return;
  tool.end(desk.grid);
  if (!tool.waits) changed();
  redraw();
}

const keys = {
  pick,
  acts: ACTS,
  moveCross(dx, dy, painting) {
    const [x, y] = desk.cross ?? [SIZE / 2 - 0.5, SIZE / 2 - 0.5];
    desk.cross = [Math.min(SIZE - 0.5, Math.max(0.5, x + dx)), Math.min(SIZE - 0.5, Math.max(0.5, y + dy))];
    if (painting) drag(desk.cross);
    redraw();
  },
  /** Whether Space paints (the cross is out) rather than pans. */
  press() {
    if (!desk.cross) {
      desk.panKey = true;
      return false;
    }
    down(desk.cross);
    return true;
  },
  release(painted) {
    desk.panKey = false;
    if (painted) lift();
  },
};

// ---- wiring

for (const button of document.querySelectorAll("[data-tool]")) button.addEventListener("click", () => pick(button.dataset.tool));
for (const button of document.querySelectorAll("[data-act]")) button.addEventListener("click", ACTS[button.dataset.act]);
by("save").addEventListener("click", save);
by("size").addEventListener("input", (event) => resize(Number(event.target.value)));
by("veil").addEventListener("input", (event) => {
  desk.veil = event.target.value / 100;
  by("veil-says").textContent = `${event.target.value} %`;
  redraw();
});
by("file").addEventListener("change", (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) take(server.read(file), "Mask imported. Undo brings back what was there.", { source: "imported" });
});
by("versions").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  take(server.version(button.dataset.url), `Version ${button.dataset.version} is open. Undo brings back what was there.`);
});
by("dismiss").addEventListener("click", () => { calm(); canvas.focus(); });
by("open-keys").addEventListener("click", ACTS.help);
by("close-keys").addEventListener("click", () => by("keys").close());
window.addEventListener("beforeunload", (event) => { if (desk.dirty) event.preventDefault(); });
canvas.addEventListener("focus", () => { if (canvas.matches(":focus-visible") && !desk.pointer) keys.moveCross(0, 0, false); });
canvas.addEventListener("blur", () => { desk.cross = null; redraw(); });
new ResizeObserver(([{ contentRect }]) => { view.resize(contentRect.width, contentRect.height); redraw(); }).observe(canvas.parentElement);
photo.addEventListener("load", () => { picture.take(desk.grid); redraw(); });
photo.addEventListener("error", () => trouble("The photograph did not come. Load this page again; saved versions are safe.", "NO-PICTURE"));

watch(canvas, view, hands);
listen(canvas, by("letters"), keys);
pick("brush");
resize(desk.diameter);
photo.src = bench.dataset.photo;
changed({ dirty: false });
if (bench.dataset.start) {
  server.version(bench.dataset.start).then((bits) => {
    desk.grid = unpack(bits);
    changed({ dirty: false });
    standOn(desk.next - 1);
  }, (error) => trouble(error.message, error.code));
}
