// The canonical mask as the model gets it: 256 x 256 points, 1 = hole, one byte each, row by row.
// Pure functions on that array; nothing here knows the page.

export const SIZE = 256;
const POINTS = SIZE * SIZE;

export const empty = () => new Uint8Array(POINTS);

/** Sets every point whose centre lies within `diameter` / 2 of (x, y). */
export function disc(grid, x, y, diameter, value) {
  const radius = diameter / 2;
  const reach = radius * radius;
  const bottom = Math.min(SIZE - 1, Math.floor(y + radius));
  const right = Math.min(SIZE - 1, Math.floor(x + radius));
  for (let row = Math.max(0, Math.floor(y - radius)); row <= bottom; row++) {
    for (let column = Math.max(0, Math.floor(x - radius)); column <= right; column++) {
      const dx = column + 0.5 - x;
      const dy = row + 0.5 - y;
      if (dx * dx + dy * dy <= reach) grid[row * SIZE + column] = value;
    }
  }
  // The finest brush still sets the one point it stands on.
  if (x >= 0 && y >= 0 && x < SIZE && y < SIZE) grid[Math.floor(y) * SIZE + Math.floor(x)] = value;
}

/** Moves the brush from a to b ([x, y]), without gaps. */
export function stroke(grid, a, b, diameter, value) {
  const steps = Math.max(1, Math.ceil(Math.hypot(b[0] - a[0], b[1] - a[1]) * 2));
  for (let step = 0; step <= steps; step++) {
    const t = step / steps;
    disc(grid, a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, diameter, value);
  }
}

/** Sets every point whose centre lies inside the closed line through `corners`, by the even-odd rule. */
export function polygon(grid, corners, value) {
  for (let row = 0; row < SIZE; row++) {
    const y = row + 0.5;
    const crossings = [];
    for (let i = 0; i < corners.length; i++) {
      const [ax, ay] = corners[i];
      const [bx, by] = corners[(i + 1) % corners.length];
      if ((ay <= y) !== (by <= y)) crossings.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
    }
    crossings.sort((p, q) => p - q);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const first = Math.max(0, Math.ceil(crossings[i] - 0.5));
      const last = Math.min(SIZE - 1, Math.ceil(crossings[i + 1] - 0.5) - 1);
      for (let column = first; column <= last; column++) grid[row * SIZE + column] = value;
    }
  }
}

/** Sets an ellipse around (x, y). */
export function ellipse(grid, x, y, rx, ry, value) {
  const corners = Array.from({ length: 72 }, (_, i) => {
    const turn = (i * Math.PI) / 36;
    return [x + rx * Math.cos(turn), y + ry * Math.sin(turn)];
  });
  polygon(grid, corners, value);
}

export const count = (grid) => grid.reduce((sum, point) => sum + point, 0);

/** The share of the crop that is hole, 0 to 1. */
export const coverage = (grid) => count(grid) / POINTS;

/** Where the middle of the hole lies, as [x, y], or null for an empty one. */
export function centre(grid) {
  let n = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i < POINTS; i++) {
    if (grid[i]) {
      n += 1;
      x += (i % SIZE) + 0.5;
      y += Math.floor(i / SIZE) + 0.5;
    }
  }
  return n ? [x / n, y / n] : null;
}

/** The sizes in points of the separate pieces of the hole (touching by an edge makes one piece). */
export function pieces(grid) {
  const seen = new Uint8Array(POINTS);
  const sizes = [];
  for (let start = 0; start < POINTS; start++) {
    if (!grid[start] || seen[start]) continue;
    const queue = [start];
    seen[start] = 1;
    for (let i = 0; i < queue.length; i++) {
      const at = queue[i];
      const column = at % SIZE;
      const beside = [at - SIZE, at + SIZE, column ? at - 1 : -1, column < SIZE - 1 ? at + 1 : -1];
      for (const next of beside) {
        if (next >= 0 && next < POINTS && grid[next] && !seen[next]) {
          seen[next] = 1;
          queue.push(next);
        }
      }
    }
    sizes.push(queue.length);
  }
  return sizes;
}

/** 8192 bytes, the first point in the highest bit, as the server keeps it. */
export function pack(grid) {
  const bits = new Uint8Array(POINTS / 8);
  for (let i = 0; i < POINTS; i++) if (grid[i]) bits[i >> 3] |= 128 >> (i & 7);
  return bits;
}

export function unpack(bits) {
  const grid = empty();
  for (let i = 0; i < POINTS; i++) grid[i] = (bits[i >> 3] >> (7 - (i & 7))) & 1;
  return grid;
}
