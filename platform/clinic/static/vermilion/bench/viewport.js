// Where the crop lies on the stage: how many screen pixels a mask point takes, and where its first point stands.

import { SIZE } from "./grid.js";

const CLOSEST = 24;
const FARTHEST = 0.5;

export class Viewport {
  constructor() {
    this.width = 1;
    this.height = 1;
    this.fit();
  }

  /** Follows the stage's size, in CSS pixels; a view that was fitted stays fitted. */
  resize(width, height) {
    const fitted = this.scale === this.fitted;
    const centre = this.toGrid(this.width / 2, this.height / 2);
    [this.width, this.height] = [width, height];
    if (fitted) this.fit();
    else this.place(centre, width / 2, height / 2);
  }

  get fitted() {
    return Math.max(0.2, Math.min(this.width - 32, this.height - 116) / SIZE);
  }

  /** Shows the whole crop, above the floating controls. */
  fit() {
    this.scale = this.fitted;
    this.x = (this.width - SIZE * this.scale) / 2;
    this.y = Math.max(16, (this.height - 84 - SIZE * this.scale) / 2);
  }

  toGrid(x, y) {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  /** Puts a grid point under a stage point. */
  place([gx, gy], x, y) {
    this.x = x - gx * this.scale;
    this.y = y - gy * this.scale;
    this.hold();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.hold();
  }

  /** Zooms by `factor` around a stage point, which keeps what lies under it. */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const under = this.toGrid(x, y);
    this.scale = Math.min(CLOSEST, Math.max(FARTHEST, this.scale * factor));
    this.place(under, x, y);
  }

  /** Keeps a corner of the crop in sight, so that it cannot be lost. */
  hold() {
    const edge = SIZE * this.scale;
    this.x = Math.min(this.width - 64, Math.max(64 - edge, this.x));
    this.y = Math.min(this.height - 64, Math.max(64 - edge, this.y));
  }
}
