import sharp from 'sharp';

/** Pictures that differ by their cells, as HMA's own tests draw them. */
export const checkerboard = (cell: number): Promise<Buffer> => {
  const side = 128;
  const pixels = Buffer.alloc(side * side * 3);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const light = (Math.floor(x / cell) + Math.floor(y / cell)) % 2 === 1;
      pixels.fill(light ? 255 : 0, (y * side + x) * 3, (y * side + x) * 3 + 3);
    }
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg()
    .toBuffer();
};

/** A form with one file. */
export const form = (name: string, bytes: Uint8Array, fields: Readonly<Record<string, string>> = {}) => {
  const data = new FormData();
  for (const [field, value] of Object.entries(fields)) data.append(field, value);
  data.append(name, new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }), 'name.jpg');
  return data;
};
