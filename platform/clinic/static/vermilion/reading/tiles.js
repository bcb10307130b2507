// Draws a sheet into the four tiles and the bar. Only states and words change: no control is ever added, removed or moved.

import { POSITIONS } from "./sheet.js";

const RANK_WORDS = ["", "first", "second", "third", "fourth"];

export class Tiles {
  constructor(root) {
    this.all = new Map([...root.querySelectorAll(".tile")].map((tile) => [tile.dataset.position, tile]));
    this.sum = document.getElementById("sum");
    this.submit = document.getElementById("submit");
    this.undo = document.getElementById("undo");
    this.ranks = new Map();
  }

  tile(letter) {
    return this.all.get(letter);
  }

  draw(sheet, active) {
    for (const letter of POSITIONS) this.drawTile(this.tile(letter), letter, sheet, letter === active);
    this.ranks = new Map(POSITIONS.map((letter) => [letter, sheet.rankOf(letter)]));
    this.sum.textContent = summary(sheet);
    this.submit.disabled = sheet.stillOpen().length > 0;
    this.undo.disabled = !sheet.canUndo;
  }

  drawTile(tile, letter, sheet, active) {
    const rank = sheet.rankOf(letter);
    const reason = sheet.reasons.get(letter);
    const moved = this.ranks.has(letter) && rank !== null && this.ranks.get(letter) !== rank;
    tile.classList.toggle("valid", rank !== null);
    tile.classList.toggle("invalid", reason !== undefined);
    tile.classList.toggle("active", active);
    tile.querySelector(".state").textContent = verdict(rank, reason, tile);
    press(tile.querySelector("[data-verdict=valid]"), rank !== null);
    press(tile.querySelector("[data-verdict=invalid]"), reason !== undefined);
    for (const button of tile.querySelectorAll("[data-rank]")) {
      const number = Number(button.dataset.rank);
      press(button, number === rank);
      button.setAttribute("aria-disabled", String(number > sheet.lastRank(letter)));
      button.classList.toggle("moved", moved && number === rank);
    }
    for (const button of tile.querySelectorAll("[data-reason]")) press(button, reason === button.dataset.reason);
    tile.setAttribute("aria-label", `Result ${letter}. ${verdict(rank, reason, tile)}`);
  }
}

function press(button, on) {
  button.setAttribute("aria-pressed", String(on));
}

function verdict(rank, reason, tile) {
  if (rank !== null) return `Valid, ranked ${RANK_WORDS[rank]}`;
  if (reason === undefined) return "Not judged yet";
  return reason ? `Invalid, ${tile.querySelector(`[data-reason=${reason}]`).textContent.toLowerCase()}` : "Invalid";
}

export function summary(sheet) {
  const open = sheet.stillOpen();
  const best = sheet.order.length ? `Best to least: ${sheet.order.join(", ")}. ` : "";
  if (open.length) return `${best}Still to judge: ${open.join(", ")}.`;
  return sheet.order.length ? `${best}Ready to submit.` : "None acceptable: all four invalid. Ready to submit.";
}
