// The tools that change the hole. Each has begin, move and end (grid points) and may keep corners to be shown.
// A tool that `waits` changes nothing until it is closed (the polygon, which gathers corners click by click).

import { polygon, stroke } from "./grid.js";

class Brush {
  constructor(value) {
    this.value = value;
    this.corners = [];
  }

  begin(grid, point, diameter) {
    this.last = point;
    stroke(grid, point, point, diameter, this.value);
  }

  move(grid, point, diameter) {
    stroke(grid, this.last, point, diameter, this.value);
    this.last = point;
  }

  end() {}
}

class Lasso {
  corners = [];

  begin(grid, point) {
    this.corners = [point];
  }

  move(grid, point) {
    this.corners.push(point);
  }

  end(grid) {
    polygon(grid, this.corners, 1);
    this.corners = [];
  }
}

class Polygon {
  waits = true;
  corners = [];

  begin(grid, point) {
    this.corners.push(point);
  }

  move() {}

  end() {}

  /** Whether a press at `point` is one on the first corner, within `reach`, which closes the line. */
  closesAt(point, reach) {
    const [first] = this.corners;
    return this.corners.length > 2 && Math.hypot(first[0] - point[0], first[1] - point[1]) <= reach;
  }

  /** Fills what the corners enclose; fewer than three enclose nothing. */
  close(grid) {
    const enough = this.corners.length > 2;
    if (enough) polygon(grid, this.corners, 1);
    this.corners = [];
    return enough;
  }
}

export const TOOLS = { brush: new Brush(1), erase: new Brush(0), lasso: new Lasso(), polygon: new Polygon() };
