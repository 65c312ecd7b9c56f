/**
 * Draws the icons of the installed app: `npm run icons -w @accord/web`. Three circles and the field where
 * all three meet, as in `public/icon.svg`, computed per pixel, so that no browser or image library is needed.
 */
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

type Colour = readonly [red: number, green: number, blue: number];

const ground: Colour = [0x8a, 0x2a, 0x55];
const ink: Colour = [0xfd, 0xf3, 0xec];

/** The drawing of `icon.svg`, in its 48 units. */
const circles = [
  [24, 17],
  [17, 29],
  [31, 29],
] as const;
const radius = 12.5;
const halfStroke = 1.5;
const corner = 11;

/** Samples per pixel along each axis: smooth edges. */
const samples = 4;

interface Icon {
  readonly file: string;
  readonly size: number;
  /** How large the mark is in the icon; a maskable icon keeps it within the safe circle. */
  readonly scale: number;
  readonly rounded: boolean;
}

const icons: readonly Icon[] = [
  { file: 'icon-192.png', size: 192, scale: 0.78, rounded: true },
  { file: 'icon-512.png', size: 512, scale: 0.78, rounded: true },
  // iOS rounds the corners itself and paints transparency black.
  { file: 'icon-180.png', size: 180, scale: 0.74, rounded: false },
  { file: 'icon-maskable-512.png', size: 512, scale: 0.6, rounded: false },
];

/** Whether (x, y) of the 48 units is on the mark. */
function onMark(x: number, y: number, scale: number): boolean {
  const [u, v] = [(x - 24) / scale + 24, (y - 25) / scale + 25];
  const distances = circles.map(([cx, cy]) => Math.hypot(u - cx, v - cy));
  return (
    distances.every((distance) => distance <= radius) ||
    distances.some((distance) => Math.abs(distance - radius) <= halfStroke)
  );
}

/** Whether (x, y) is within the rounded square. */
function onGround(x: number, y: number): boolean {
  const [dx, dy] = [Math.max(corner - x, x - (48 - corner), 0), Math.max(corner - y, y - (48 - corner), 0)];
  return Math.hypot(dx, dy) <= corner;
}

function pixel(icon: Icon, column: number, row: number): [number, number, number, number] {
  const sum = [0, 0, 0];
  let covered = 0;
  for (let i = 0; i < samples * samples; i += 1) {
    const x = ((column + ((i % samples) + 0.5) / samples) * 48) / icon.size;
    const y = ((row + (Math.floor(i / samples) + 0.5) / samples) * 48) / icon.size;
    if (icon.rounded && !onGround(x, y)) continue;
    covered += 1;
    const colour = onMark(x, y, icon.scale) ? ink : ground;
    for (const channel of [0, 1, 2] as const) sum[channel] = (sum[channel] ?? 0) + colour[channel];
  }
  const [red = 0, green = 0, blue = 0] = sum.map((value) => Math.round(value / Math.max(covered, 1)));
  return [red, green, blue, Math.round((255 * covered) / samples ** 2)];
}

/** One chunk of a PNG file (PNG, third edition, § 5.3). */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function png(icon: Icon): Buffer {
  const { size } = icon;
  const rows = Buffer.alloc(size * (1 + 4 * size));
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      rows.set(pixel(icon, column, row), row * (1 + 4 * size) + 1 + 4 * column);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // Eight bits a channel, colour with transparency.
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

for (const icon of icons) writeFileSync(new URL(`../public/${icon.file}`, import.meta.url), png(icon));
