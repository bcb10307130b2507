// The reading page: one press per picture, by keyboard, mouse or touch. Binds the sheet to tiles, look, clock and keeper.

import { Clock } from "./clock.js";
import { Keeper } from "./keeper.js";
import { Look } from "./look.js";
import { Photograph } from "./photograph.js";
import { POSITIONS, Sheet } from "./sheet.js";
import { Tiles, summary } from "./tiles.js";

const byId = (id) => document.getElementById(id);
const body = document.body;
const state = JSON.parse(byId("sheet").textContent);
const sheet = new Sheet(state.judgements);
const clock = new Clock(state.seconds);
const tiles = new Tiles(byId("grid"));
const look = new Look(body, [...document.querySelectorAll(".pic")]);
const keeper = new Keeper(state, sheet, clock, { said, trouble });
const photograph = byId("photograph") && new Photograph(body, byId("photograph"), look.pictures);
let active = sheet.stillOpen()[0] ?? "A";
let newer = null; // the sheet as another window left it, while the reader chooses

/** Words for the saved state; `away` says whether the server is known to be away or back. */
function said(words, waiting, away) {
  byId("saved").textContent = words;
  byId("saved").parentElement.classList.toggle("waiting", waiting);
  if (away !== undefined) byId("away").hidden = !away;
}

function trouble(kind, message, state) {
  if (kind === "refused") byId("refused-why").textContent = message;
  if (kind === "stale") {
    newer = state;
    byId("newer-sheet").textContent = summary(new Sheet(state.judgements));
    byId("own-sheet").textContent = summary(sheet);
  }
  byId(kind).showModal();
}

/** The other window's sheet, after all: as if this page had been opened now. */
function showNewer() {
  keeper.safe.drop();
  location.reload();
}

function keepOwn() {
  byId("stale").close();
  keeper.insist(newer.revision);
}

function change(act) {
  const before = JSON.stringify(sheet.judgements());
  act();
  tiles.draw(sheet, active);
  if (before !== JSON.stringify(sheet.judgements())) keeper.changed();
}

function goTo(letter) {
  const from = document.activeElement.closest?.(".tile");
  const controls = (tile) => [...tile.querySelectorAll("button")];
  const place = from ? controls(from).indexOf(document.activeElement) : -1;
  active = letter;
  tiles.draw(sheet, active);
  const tile = tiles.tile(letter);
  (controls(tile)[place] ?? tile).focus({ preventScroll: true });
}

const step = (by) => goTo(POSITIONS[(POSITIONS.indexOf(active) + by + POSITIONS.length) % POSITIONS.length]);

function nextReason() {
  const words = [...tiles.tile(active).querySelectorAll("[data-reason]")].map((button) => button.dataset.reason);
  const now = words.indexOf(sheet.reasons.get(active));
  change(() => sheet.reject(active, words[(now + 1) % words.length]));
}

async function submit() {
  if (sheet.stillOpen().length) return;
  byId("submit").setAttribute("aria-busy", "true");
  said("Submitting…", true);
  const stored = await keeper.submit();
  byId("submit").removeAttribute("aria-busy");
  if (stored?.asks) await askForGuess();
  if (stored) location.assign(stored.next);
}

/** Ask which letter the new method's result stood at, and keep the answer; closing the question leaves it open. */
function askForGuess() {
  const dialog = byId("guess");
  dialog.showModal();
  return new Promise((answered) => {
    dialog.addEventListener("close", answered);
    for (const button of dialog.querySelectorAll("[data-guess]")) {
      button.addEventListener("click", async () => {
        const body = JSON.stringify({ position: button.dataset.guess });
        await fetch(state.guess, { method: "POST", headers: keeper.headers(), body }).catch(() => null);
        dialog.close();
      });
    }
  });
}

async function pause() {
  clock.stop();
  body.classList.add("paused");
  byId("paused").showModal();
  if (!state.submitted) keeper.unsent = true;
  await keeper.flush(true);
}

function goOn() {
  byId("paused").close();
  body.classList.remove("paused");
  clock.go();
  if (!state.submitted) keeper.changed();
}

function prefer(name, value) {
  fetch("/readings/preferences", { method: "POST", headers: keeper.headers(), body: JSON.stringify({ [name]: value }) });
}

function dimRoom() {
  const dark = isDim() ? "light" : "dim";
  body.dataset.theme = dark;
  byId("dim").setAttribute("aria-pressed", String(isDim()));
  prefer("theme", dark);
}

function isDim() {
  return body.dataset.theme ? body.dataset.theme === "dim" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** The pictures of a sheet are shown together or not at all, so that a slow or missing one says nothing. */
async function showPictures() {
  const images = [...byId("main").querySelectorAll("img")];
  const arrived = await Promise.all(images.map((image) => image.decode().then(() => true, () => false)));
  const whole = arrived.every(Boolean);
  body.classList.toggle("loading", !whole);
  byId("unloaded").hidden = whole;
}

function loadAgain() {
  byId("unloaded").hidden = true;
  for (const image of byId("main").querySelectorAll("img")) image.src = image.getAttribute("src");
  showPictures();
}

for (const letter of POSITIONS) {
  const tile = tiles.tile(letter);
  const on = (selector, act) => {
    for (const button of tile.querySelectorAll(selector)) button.addEventListener("click", (event) => act(button, event));
  };
  const here = () => {
    active = letter;
    tiles.draw(sheet, active);
  };
  tile.addEventListener("pointerdown", here);
  tile.addEventListener("focusin", here);
  on("[data-verdict=valid]", () => change(() => sheet.accept(letter)));
  on("[data-verdict=invalid]", () => change(() => sheet.reject(letter, sheet.reasons.get(letter) ?? "")));
  on("[data-rank]", (button) => {
    if (button.getAttribute("aria-disabled") !== "true") change(() => sheet.rank(letter, Number(button.dataset.rank)));
  });
  on("[data-reason]", (button) => {
    const reason = button.dataset.reason;
    change(() => sheet.reject(letter, sheet.reasons.get(letter) === reason ? "" : reason));
  });
  on(".pic", (picture, event) => {
    const well = picture.getBoundingClientRect();
    const pressed = event.detail > 0; // a key press has no place in the picture: then the middle
    look.zoomTo(pressed ? (event.clientX - well.left) / well.width : 0.5, pressed ? (event.clientY - well.top) / well.height : 0.5);
  });
}

const KEYS = {
  v: () => change(() => sheet.accept(active)),
  x: () => change(() => sheet.reject(active, sheet.reasons.get(active) ?? "")),
  r: nextReason,
  n: () => change(() => sheet.rejectAll()),
  u: () => change(() => sheet.undo()),
  m: () => look.toggle("midline", byId("midline")),
  f: () => look.mirror(),
  g: () => look.toggle("holes", byId("hole")),
  "+": () => look.zoomBy(1),
  "=": () => look.zoomBy(1),
  "-": () => look.zoomBy(-1),
  0: () => look.fit(),
  "?": () => byId("all-keys").showModal(),
};
if (photograph) KEYS.p = () => photograph.toggle();
for (const rank of [1, 2, 3, 4]) KEYS[rank] = () => change(() => sheet.rank(active, rank));

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function pressed(event) {
  if (document.querySelector("dialog[open]") || event.target.matches("input, textarea, select")) return;
  if (event.altKey || body.classList.contains("loading")) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") return done(event, KEYS.u);
  if (event.ctrlKey || event.metaKey) return;
  const arrow = ARROWS[event.key];
  if (arrow) return done(event, () => (event.shiftKey ? look.pan(...arrow) : step(arrow[0] || 2 * arrow[1])));
  if (event.key === "Escape") return done(event, () => look.fit());
  if (event.key === "Enter" && !event.target.closest("button, a")) return done(event, submit);
  const act = KEYS[event.key.toLowerCase()];
  if (act && body.dataset.letterKeys !== "off") done(event, act);
}

function done(event, act) {
  event.preventDefault();
  act();
}

document.addEventListener("keydown", pressed);
byId("undo").addEventListener("click", KEYS.u);
byId("none").addEventListener("click", KEYS.n);
byId("submit").addEventListener("click", submit);
byId("midline").addEventListener("click", KEYS.m);
byId("mirror").addEventListener("click", KEYS.f);
byId("hole").addEventListener("click", KEYS.g);
byId("photograph")?.addEventListener("click", KEYS.p);
byId("zoom-in").addEventListener("click", () => look.zoomBy(1));
byId("zoom-out").addEventListener("click", () => look.zoomBy(-1));
byId("fit").addEventListener("click", () => look.fit());
byId("dim").addEventListener("click", dimRoom);
byId("keys").addEventListener("click", KEYS["?"]);
byId("pause").addEventListener("click", pause);
byId("continue").addEventListener("click", goOn);
byId("paused").addEventListener("cancel", goOn);
byId("load-again").addEventListener("click", loadAgain);
byId("show-newer").addEventListener("click", showNewer);
byId("keep-own").addEventListener("click", keepOwn);
byId("stale").addEventListener("cancel", (event) => event.preventDefault());
byId("send-again").addEventListener("click", () => {
  byId("signed-out").close();
  keeper.flush();
});
byId("letter-keys").addEventListener("change", (event) => {
  body.dataset.letterKeys = event.target.checked ? "on" : "off";
  prefer("letter_keys", body.dataset.letterKeys);
});
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
for (const link of document.querySelectorAll("a[href]")) {
  link.addEventListener("click", async (event) => {
    if (!keeper.unsent || link.target) return;
    event.preventDefault();
    if (await keeper.flush()) location.assign(link.href);
  });
}
addEventListener("beforeunload", (event) => {
  if (keeper.unsent) event.preventDefault();
});

byId("dim").setAttribute("aria-pressed", String(isDim()));
keeper.resume(state);
tiles.draw(sheet, active);
look.draw();
showPictures();
