// The crop chooser: one square over the photograph, moved and resized by pointer, keys or numbers, with a live preview.
// The three number fields are the truth; the square only shows and changes them.

const form = document.getElementById("crop");
const photo = document.getElementById("photo");
const image = photo.querySelector("img");
const square = document.getElementById("square");
const says = document.getElementById("crop-says");
const pen = document.getElementById("seen").getContext("2d");
const fields = Object.fromEntries(["left", "top", "side"].map((name) => [name, document.getElementById(name)]));
const width = Number(form.dataset.width);
const height = Number(form.dataset.height);
const smallest = Number(form.dataset.smallest);
const largest = Math.min(width, height);

let grip = null;

const within = (value, low, high) => Math.min(high, Math.max(low, Math.round(value)));

function read() {
  const side = within(Number(fields.side.value) || smallest, smallest, largest);
  return {
    side,
    left: within(Number(fields.left.value) || 0, 0, width - side),
    top: within(Number(fields.top.value) || 0, 0, height - side),
  };
}

function put({ left, top, side }) {
  const sure = within(side, smallest, largest);
  fields.side.value = sure;
  fields.left.value = within(left, 0, width - sure);
  fields.top.value = within(top, 0, height - sure);
  draw();
}

function draw() {
  const { left, top, side } = read();
  square.style.left = `${(100 * left) / width}%`;
  square.style.top = `${(100 * top) / height}%`;
  square.style.width = `${(100 * side) / width}%`;
  square.style.height = `${(100 * side) / height}%`;
  fields.side.max = largest;
  fields.left.max = width - side;
  fields.top.max = height - side;
  if (!image.naturalWidth) return;
  const scale = image.naturalWidth / width;
  pen.imageSmoothingQuality = "high";
  pen.clearRect(0, 0, 256, 256);
  pen.drawImage(image, left * scale, top * scale, side * scale, side * scale, 0, 0, 256, 256);
}

function announce() {
  const { left, top, side } = read();
  says.textContent = `Square of ${side} px at ${left}, ${top}.`;
}

function pressed(event) {
  event.preventDefault();
  square.focus({ preventScroll: true });
  square.setPointerCapture(event.pointerId);
  grip = { corner: event.target.dataset.corner ?? "", x: event.clientX, y: event.clientY, from: read() };
}

function dragged(event) {
  if (!grip) return;
  const scale = width / photo.getBoundingClientRect().width;
  const x = (event.clientX - grip.x) * scale;
  const y = (event.clientY - grip.y) * scale;
  const { left, top, side } = grip.from;
  if (!grip.corner) return put({ left: left + x, top: top + y, side });
  const west = grip.corner.includes("w");
  const north = grip.corner.includes("n");
  // The corner opposite to the one held stays where it is, so the square may grow only until it meets an edge.
  const room = Math.min(west ? left + side : width - left, north ? top + side : height - top);
  const grown = within(side + ((west ? -x : x) + (north ? -y : y)) / 2, smallest, room);
  put({ left: west ? left + side - grown : left, top: north ? top + side - grown : top, side: grown });
}

function keyed(event) {
  const step = Math.max(1, Math.round(largest / 200)) * (event.shiftKey ? 10 : 1);
  const { left, top, side } = read();
  const moves = {
    ArrowLeft: { left: left - step, top, side },
    ArrowRight: { left: left + step, top, side },
    ArrowUp: { left, top: top - step, side },
    ArrowDown: { left, top: top + step, side },
    "+": { left: left - step / 2, top: top - step / 2, side: side + step },
    "=": { left: left - step / 2, top: top - step / 2, side: side + step },
    "-": { left: left + step / 2, top: top + step / 2, side: side - step },
  };
  if (!(event.key in moves)) return;
  event.preventDefault();
  put(moves[event.key]);
}

square.addEventListener("pointerdown", pressed);
square.addEventListener("pointermove", dragged);
square.addEventListener("pointerup", () => { grip = null; announce(); });
square.addEventListener("pointercancel", () => { grip = null; });
square.addEventListener("keydown", keyed);
square.addEventListener("keyup", announce);
for (const field of Object.values(fields)) {
  field.addEventListener("input", draw);
  field.addEventListener("change", () => put(read()));
}
document.getElementById("middle").addEventListener("click", () => {
  put({ left: (width - largest) / 2, top: (height - largest) / 2, side: largest });
  announce();
});
square.hidden = false;
draw();
if (image.complete) draw();
else image.addEventListener("load", draw);
