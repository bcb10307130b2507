// The keys of the bench. Single letters can be turned off; none fires inside a field or while a dialog is open, and arrows
// and Space belong to the stage only, so that sliders and buttons keep theirs.

const LETTERS = { b: "brush", e: "erase", p: "polygon", l: "lasso" };
const SIGNS = { "[": "smaller", "]": "larger", "+": "in", "=": "in", "-": "out", 0: "fit", "?": "help", s: "start" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const COMMANDS = { z: "undo", y: "redo", s: "save" };

export function listen(canvas, letters, { pick, acts, moveCross, press, release }) {
  let space = "";

  function command(event) {
    const key = event.key.toLowerCase();
    const name = key === "z" && event.shiftKey ? "redo" : COMMANDS[key];
    if (!name) return;
    event.preventDefault();
    acts[name]();
  }

  function onStage(event) {
    if (event.key in ARROWS) {
      event.preventDefault();
      const far = event.shiftKey ? 10 : 1;
      const [dx, dy] = ARROWS[event.key];
      moveCross(dx * far, dy * far, space === "paint");
    } else if (event.key === " ") {
      event.preventDefault();
      if (!space) space = press() ? "paint" : "pan";
    } else if (event.key === "Enter") {
      acts.close();
    } else if (event.key === "Escape") {
      acts.drop();
    }
  }

  function single(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key in LETTERS) pick(LETTERS[key]);
    else if (key in SIGNS) acts[SIGNS[key]]();
    else if (key === "Enter" && event.target === document.body) acts.close();
  }

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    if (event.ctrlKey || event.metaKey) return command(event);
    if (event.altKey) return;
    if (event.target === canvas) onStage(event);
    const typing = event.target.matches("input:not([type=range]), textarea, select");
    if (!typing && letters.checked) single(event);
  });

  document.addEventListener("keyup", (event) => {
    if (event.key !== " " || !space) return;
    release(space === "paint");
    space = "";
  });
}
