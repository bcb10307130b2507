// What a careful colleague would say of a hole before it is saved. Only an empty or all-covering hole is refused; the
// rest is advice, since the surgeon's eye decides.

import { SIZE, centre, count, coverage, pieces } from "./grid.js";

const USUAL = [0.04, 0.12];
const ISLAND = 12;
// In an unmirrored photograph the patient's left is on the viewer's right; a hole within this band is on both sides.
const MIDDLE = 6;

/** The sentence that blocks saving, or an empty string. */
export function refusal(grid) {
  const points = count(grid);
  if (points === 0) return "The hole is empty. Draw over the cleft, then save.";
  if (points === SIZE * SIZE) return "The hole covers the whole crop. Erase all but the cleft, then save.";
  return "";
}

/** What to show beside the gauge: [{ kind: "good" | "warn", title, words }]; `side` is left, right or bilateral. */
export function advice(grid, side) {
  if (count(grid) === 0) return [{ kind: "warn", title: "Nothing drawn yet", words: "Draw over the cleft and any tape or tube. Start gives you a first shape." }];
  return [ofCoverage(coverage(grid)), ofSide(centre(grid), side), ofPieces(pieces(grid))].filter(Boolean);
}

function ofCoverage(share) {
  if (share < USUAL[0]) return { kind: "warn", title: "A small hole", words: "What stays of the cleft will show in every result." };
  if (share > USUAL[1]) return { kind: "warn", title: "A large hole", words: "The more is hidden, the more each method has to invent." };
  return { kind: "good", title: "Usual size", words: "Between 4 and 12 % of the crop." };
}

function ofSide([x], side) {
  const offset = x - SIZE / 2;
  const lies = offset > MIDDLE ? "left" : offset < -MIDDLE ? "right" : "middle";
  if (side === "bilateral") {
    if (lies === "middle") return { kind: "good", title: "Side agrees", words: "The hole reaches both sides, as recorded." };
    return { kind: "warn", title: "More on one side", words: `Recorded as bilateral; this hole lies on the patient’s ${lies}.` };
  }
  if (lies === side) return { kind: "good", title: "Side agrees", words: `The hole is on the patient’s ${side}, as recorded.` };
  if (lies === "middle") return { kind: "good", title: "In the middle", words: `The hole reaches both sides; recorded is the patient’s ${side}.` };
  return { kind: "warn", title: "Other side than recorded", words: `Recorded is the patient’s ${side}; this hole lies on the patient’s ${lies}.` };
}

function ofPieces(sizes) {
  const islands = sizes.filter((size) => size < ISLAND).length;
  if (!islands) return null;
  const what = islands === 1 ? "One island" : `${islands} islands`;
  return { kind: "warn", title: `${what} under ${ISLAND} points`, words: "Probably slips of the brush. Erase or undo them." };
}
