import type { Picture } from '../src/picture.ts';
import { noiseField, seeded } from './random.ts';

type Colour = readonly [number, number, number];
type Random = () => number;

const KINDS = ['landscape', 'texture', 'drawing', 'interior', 'still-life', 'page'] as const;

/** What a generated picture shows. */
export type SceneKind = (typeof KINDS)[number];

class Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8ClampedArray(width * height * 3);
  }

  paint(colourAt: (x: number, y: number, under: Colour) => Colour | undefined): void {
    const { data } = this;
    for (let y = 0, p = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++, p += 3) {
        const under: Colour = [data[p] ?? 0, data[p + 1] ?? 0, data[p + 2] ?? 0];
        const colour = colourAt(x / this.width, y / this.height, under);
        if (colour) data.set(colour, p);
      }
    }
  }

  ellipse(cx: number, cy: number, rx: number, ry: number, shade: (u: number, v: number) => Colour): void {
    const x0 = Math.max(0, Math.floor((cx - rx) * this.width));
    const x1 = Math.min(this.width, Math.ceil((cx + rx) * this.width));
    const y0 = Math.max(0, Math.floor((cy - ry) * this.height));
    const y1 = Math.min(this.height, Math.ceil((cy + ry) * this.height));
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        const u = (x / this.width - cx) / rx;
        const v = (y / this.height - cy) / ry;
        if (u * u + v * v <= 1) this.data.set(shade(u, v), (y * this.width + x) * 3);
      }
    }
  }

  box(x: number, y: number, w: number, h: number, shade: (u: number, v: number) => Colour): void {
    const x0 = Math.max(0, Math.floor(x * this.width));
    const x1 = Math.min(this.width, Math.ceil((x + w) * this.width));
    const y0 = Math.max(0, Math.floor(y * this.height));
    const y1 = Math.min(this.height, Math.ceil((y + h) * this.height));
    for (let py = y0; py < y1; py++) {
      for (let px = x0; px < x1; px++) {
        const at = (py * this.width + px) * 3;
        this.data.set(shade((px / this.width - x) / w, (py / this.height - y) / h), at);
      }
    }
  }
}

const colour = (random: Random): Colour => [random() * 255, random() * 255, random() * 255];
const scale = (c: Colour, k: number): Colour => [c[0] * k, c[1] * k, c[2] * k];
const mix = (a: Colour, b: Colour, t: number): Colour => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];

function landscape(canvas: Canvas, random: Random): void {
  const sky = [colour(random), colour(random)] as const;
  const clouds = noiseField(random, 5);
  canvas.paint((x, y) => mix(mix(sky[0], sky[1], y), [245, 245, 245], clouds(x * 4, y * 6) ** 3));
  const [sx, sy] = [random(), random() * 0.4];
  const radius = 0.02 + random() * 0.05;
  canvas.ellipse(sx, sy, radius, radius * 1.3, () => [255, 250, 200]);
  const ridges = 3 + Math.floor(random() * 3);
  for (let i = 0; i < ridges; i++) {
    const line = noiseField(random, 6);
    const grain = noiseField(random, 5);
    const [base, tall] = [0.35 + (0.55 * i) / ridges, 0.4 * random() + 0.08];
    const ground = scale(colour(random), 0.4 + 0.5 * random());
    canvas.paint((x, y) =>
      y > base + tall * (line(x * 5, i) - 0.5) ? scale(ground, 0.35 + grain(x * 14, y * 14)) : undefined,
    );
  }
  for (let i = 0; i < 30 * random(); i++) {
    const [x, y, size] = [random(), 0.55 + 0.4 * random(), 0.02 + 0.06 * random()];
    const leaf = colour(random);
    canvas.box(x - size / 10, y, size / 5, size * 1.5, () => [60, 40, 20]);
    canvas.ellipse(x, y, size / 2, size, (u, v) => scale(leaf, 0.7 - 0.3 * (u + v)));
  }
}

function texture(canvas: Canvas, random: Random): void {
  const [a, b, c] = [colour(random), colour(random), colour(random)];
  const field = noiseField(random, 6);
  const warp = noiseField(random, 4);
  const frequency = 3 + random() * 8;
  const stretch = 0.4 + random() * 2;
  const bands = random() * 14;
  canvas.paint((x, y) => {
    const w = warp(x * 4, y * 4);
    const v = field(x * frequency + 3 * w, y * frequency * stretch + 3 * w);
    const band = 0.5 + 0.5 * Math.sin(bands * (v + x));
    return mix(mix(a, b, v), c, band * 0.6);
  });
}

function drawing(canvas: Canvas, random: Random): void {
  const paper = mix([255, 255, 255], colour(random), 0.3);
  const grain = noiseField(random, 3);
  canvas.paint((x, y) => scale(paper, 0.85 + 0.15 * grain(x * 30, y * 30)));
  for (let i = 0; i < 14 + random() * 30; i++) {
    const ink = colour(random);
    const [x, y] = [random(), random()];
    const [w, h] = [0.02 + random() ** 2 * 0.3, 0.02 + random() ** 2 * 0.3];
    const shade = (u: number, v: number) => scale(ink, 0.8 + 0.2 * (u - v));
    if (random() < 0.5) canvas.ellipse(x, y, w / 2, h / 2, shade);
    else canvas.box(x - w / 2, y - h / 2, w, h, shade);
  }
  for (let i = 0; i < 10; i++) {
    const [cx, cy, turn, ink] = [random(), random(), random() * 6.3, scale(colour(random), 0.4)];
    for (let t = 0; t < 1; t += 0.004) {
      const bend = turn + 4 * t * (random() - 0.5);
      const [x, y] = [cx + t * 0.4 * Math.cos(bend), cy + t * 0.4 * Math.sin(turn + t)];
      canvas.ellipse(x, y, 0.005, 0.006, () => ink);
    }
  }
}

function interior(canvas: Canvas, random: Random): void {
  const [wall, floor, light] = [colour(random), colour(random), random()];
  const grain = noiseField(random, 5);
  const horizon = 0.5 + random() * 0.25;
  const [vx, tiles] = [random(), 4 + random() * 8];
  canvas.paint((x, y) => {
    const n = 0.8 + 0.3 * grain(x * 12, y * 12);
    if (y < horizon) return scale(wall, n * (1 - 0.6 * Math.abs(x - light)));
    const depth = 1 / (y - horizon + 0.04);
    const checker = (Math.floor((x - vx) * depth * tiles * 0.3) + Math.floor(depth * 2)) & 1;
    return scale(floor, n * (checker ? 1 : 0.45));
  });
  for (let i = 0; i < 5 + random() * 8; i++) {
    const [w, h] = [0.05 + random() * 0.25, 0.08 + random() * 0.35];
    const [x, y] = [random(), random() * (horizon - h * 0.2)];
    const [frame, inside] = [colour(random), colour(random)];
    const picture = noiseField(random, 4);
    canvas.box(x, y, w, h, (u, v) =>
      u < 0.08 || u > 0.92 || v < 0.06 || v > 0.94 ? frame : scale(inside, 0.3 + picture(u * 5 + i, v * 5)),
    );
  }
}

function stillLife(canvas: Canvas, random: Random): void {
  const cloth = noiseField(random, 5);
  const [a, b] = [colour(random), colour(random)];
  canvas.paint((x, y) => mix(a, b, cloth(x * 6, y * 3 + Math.sin(x * 9))));
  for (let i = 0; i < 8 + random() * 12; i++) {
    const [x, y, r] = [random(), 0.2 + random() * 0.75, 0.04 + random() * 0.14];
    const [skin, peel] = [colour(random), noiseField(random, 4)];
    const [lx, ly] = [random() - 0.5, random() - 0.5];
    canvas.ellipse(x, y, r * (0.7 + 0.5 * random()), r * 1.2, (u, v) => {
      const lit = Math.max(0, 1 - Math.hypot(u - lx, v - ly) * 0.75);
      return mix(scale(skin, 0.35 + 0.5 * peel(u * 6 + i, v * 6)), [255, 255, 255], lit ** 3);
    });
  }
}

function page(canvas: Canvas, random: Random): void {
  const stain = noiseField(random, 4);
  canvas.paint((x, y) => scale([250, 246, 235], 0.8 + 0.2 * stain(x * 3, y * 3)));
  const columns = 1 + Math.floor(random() * 3);
  for (let c = 0; c < columns; c++) {
    for (let y = 0.06; y < 0.94; y += 0.03) {
      if (random() < 0.12) continue;
      for (let x = (c + 0.08) / columns; x < (c + 0.6 + 0.35 * random()) / columns; ) {
        const w = 0.006 + random() * 0.04;
        const ink = 20 + 60 * random();
        canvas.box(x, y, w, 0.012 + 0.006 * random(), (u) =>
          Math.sin(u * 40) > -0.3 ? [ink, ink, ink] : [230, 228, 220],
        );
        x += w + 0.008;
      }
    }
  }
  for (let i = 0; i < 3; i++) {
    const art = noiseField(random, 5);
    const [ink, ground] = [colour(random), colour(random)];
    canvas.box(random() * 0.8, random() * 0.8, 0.12 + 0.3 * random(), 0.1 + 0.3 * random(), (u, v) =>
      mix(ink, ground, art(u * 6, v * 6)),
    );
  }
}

const PAINTERS: Readonly<Record<SceneKind, (canvas: Canvas, random: Random) => void>> = {
  landscape,
  texture,
  drawing,
  interior,
  'still-life': stillLife,
  page,
};

/**
 * A harmless picture drawn by code from its number alone: a landscape, a texture, a drawing, a room, a still life or a
 * printed page, in RGB. The same number and size give the same bytes.
 */
export function scene(number: number, width = 640, height = 480): Picture & { kind: SceneKind } {
  const kind = KINDS[number % KINDS.length] ?? 'landscape';
  const canvas = new Canvas(width, height);
  PAINTERS[kind](canvas, seeded(number * 7919 + 1));
  return { width, height, format: 'rgb', data: canvas.data, kind };
}
