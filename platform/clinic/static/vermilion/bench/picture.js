// Draws the bench: the crop with the veil of the hole over it, the marks of the tool in hand, and the 256 preview.

import { SIZE } from "./grid.js";

const VEIL = [244, 244, 244];
const BLANK = [112, 112, 112];

/** Paints `grid` into a 256 canvas as one flat colour, transparent outside the hole. */
function layer(context, grid, [red, green, blue]) {
  const pixels = context.createImageData(SIZE, SIZE);
  for (let i = 0; i < grid.length; i++) {
    if (grid[i]) pixels.data.set([red, green, blue, 255], i * 4);
  }
  context.putImageData(pixels, 0, 0);
}

function sheet() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  return canvas.getContext("2d");
}

export class Picture {
  constructor(stage, seen, photo) {
    this.stage = stage;
    this.pen = stage.getContext("2d");
    this.seen = seen.getContext("2d");
    this.photo = photo;
    this.veil = sheet();
    this.blank = sheet();
  }

  /** Takes over a changed grid: the veil on the stage and the preview of what the model sees. */
  take(grid) {
    layer(this.veil, grid, VEIL);
    layer(this.blank, grid, BLANK);
    this.seen.imageSmoothingQuality = "high";
    this.seen.clearRect(0, 0, SIZE, SIZE);
    if (this.photo.complete && this.photo.naturalWidth) this.seen.drawImage(this.photo, 0, 0, SIZE, SIZE);
    this.seen.drawImage(this.blank.canvas, 0, 0);
  }

  /** Draws one frame. `marks`: { cross, pointer, diameter, corners, erase } in grid points; any may be absent. */
  draw(view, opacity, marks) {
    const density = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(view.width * density), Math.round(view.height * density)];
    if (this.stage.width !== width || this.stage.height !== height) Object.assign(this.stage, { width, height });
    const { pen } = this;
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, view.width, view.height);
    const edge = SIZE * view.scale;
    pen.imageSmoothingQuality = "high";
    if (this.photo.complete && this.photo.naturalWidth) pen.drawImage(this.photo, view.x, view.y, edge, edge);
    pen.save();
    pen.globalAlpha = opacity;
    pen.shadowColor = "#101010";
    pen.shadowBlur = 5 * density;
    // Softens the steps of the 256 grid, without moving its edge.
    pen.filter = `blur(${0.35 * view.scale}px)`;
    pen.drawImage(this.veil.canvas, view.x, view.y, edge, edge);
    pen.restore();
    this.marks(view, marks);
  }

  marks(view, { cross, pointer, diameter, corners }) {
    const { pen } = this;
    const at = ([x, y]) => [view.x + x * view.scale, view.y + y * view.scale];
    const twice = (path) => {
      // White on black, so that it shows on every skin and on the veil.
      for (const [colour, breadth] of [["#101010", 3], ["#ffffff", 1.5]]) {
        Object.assign(pen, { strokeStyle: colour, lineWidth: breadth });
        pen.stroke(path);
      }
    };
    const outline = new Path2D();
    outline.rect(view.x - 1, view.y - 1, SIZE * view.scale + 2, SIZE * view.scale + 2);
    pen.setLineDash([8, 5]);
    twice(outline);
    pen.setLineDash([]);
    if (corners?.length) {
      const line = new Path2D();
      for (const corner of corners) line.lineTo(...at(corner));
      twice(line);
      const first = new Path2D();
      first.arc(...at(corners[0]), 5, 0, 7);
      twice(first);
    }
    if (pointer) {
      const ring = new Path2D();
      ring.arc(...at(pointer), Math.max(1, (diameter / 2) * view.scale), 0, 7);
      twice(ring);
    }
    if (cross) {
      const [x, y] = at(cross);
      const lines = new Path2D(`M${x - 14} ${y}h10M${x + 4} ${y}h10M${x} ${y - 14}v10M${x} ${y + 4}v10`);
      twice(lines);
      const ring = new Path2D();
      ring.arc(x, y, Math.max(1, (diameter / 2) * view.scale), 0, 7);
      twice(ring);
    }
  }
}
