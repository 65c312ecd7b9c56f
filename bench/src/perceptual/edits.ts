import type { Picture } from '@accord/perceptual';
import { seeded } from '@accord/perceptual/testing';
import sharp, { type Sharp } from 'sharp';

/** A named edit: what somebody does to a picture before sending it on. Each result is re-encoded as JPEG, quality 85. */
export interface Edit {
  readonly name: string;
  readonly quality?: number;
  apply(picture: Picture, seed: number): Promise<Sharp> | Sharp;
}

type Box = { left: number; top: number; width: number; height: number };

const open = (p: Picture): Sharp =>
  sharp(Buffer.from(p.data.buffer, p.data.byteOffset, p.data.length), {
    raw: { width: p.width, height: p.height, channels: p.format === 'luma' ? 1 : p.format === 'rgb' ? 3 : 4 },
  });

// Steps of one sharp pipeline run in a fixed order of its own; going through pixels keeps ours.
const step = async (s: Sharp): Promise<Sharp> => {
  const { data, info } = await s.raw().toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
};

const cut = (p: Picture, l: number, t: number, r: number, b: number): Sharp => {
  const box: Box = {
    left: Math.round(p.width * l),
    top: Math.round(p.height * t),
    width: Math.round(p.width * (1 - l - r)),
    height: Math.round(p.height * (1 - t - b)),
  };
  return open(p).extract(box);
};

const svg = (w: number, h: number, body: string): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}">${body}</svg>`);

const overlay = (p: Picture, body: string): Sharp =>
  open(p).composite([{ input: svg(p.width, p.height, body), left: 0, top: 0 }]);

const centred = (c: number): Edit => ({
  name: `crop ${c * 100} % centred`,
  apply: (p) => cut(p, c / 2, c / 2, c / 2, c / 2),
});
const corner = (c: number): Edit => ({
  name: `crop ${c * 100} % to a corner`,
  apply: (p, seed) => cut(p, seed & 1 ? c : 0, seed & 2 ? c : 0, seed & 1 ? 0 : c, seed & 2 ? 0 : c),
});
const oneSide = (c: number): Edit => ({
  name: `crop ${c * 100} % off one side`,
  apply: (p, seed) =>
    cut(p, seed % 4 === 0 ? c : 0, seed % 4 === 1 ? c : 0, seed % 4 === 2 ? c : 0, seed % 4 === 3 ? c : 0),
});
const anywhere = (from: number, to: number): Edit => ({
  name: `crop ${from * 100}-${to * 100} % anywhere`,
  apply: (p, seed) => {
    const random = seeded(seed + 11);
    const c = from + (to - from) * random();
    const [l, t] = [c * random(), c * random()];
    return cut(p, l, t, c - l, c - t);
  },
});
const freely = (from: number, to: number): Edit => ({
  name: `crop ${from * 100}-${to * 100} % free aspect`,
  apply: (p, seed) => {
    const random = seeded(seed + 23);
    const [cx, cy] = [from + (to - from) * random(), from + (to - from) * random()];
    const [l, t] = [cx * random(), cy * random()];
    return cut(p, l, t, cx - l, cy - t);
  },
});

const border = (share: number, colour: string): Edit => ({
  name: `border ${share * 100} % ${colour}`,
  apply: (p) => {
    const x = Math.round(p.width * share);
    const y = Math.round(p.height * share);
    return open(p).extend({ left: x, right: x, top: y, bottom: y, background: colour });
  },
});

const turned = (degrees: number, fitted: boolean): Edit => ({
  name: `rotate ${degrees}°${fitted ? ', cut to fit' : ', black corners'}`,
  apply: async (p, seed) => {
    const angle = seed & 1 ? degrees : -degrees;
    const full = await step(open(p).rotate(angle, { background: '#000' }));
    if (!fitted) return full;
    const { width = 0, height = 0 } = await full.metadata();
    const a = (degrees * Math.PI) / 180;
    const [w, h] = [p.width, p.height];
    const d = Math.cos(a) ** 2 - Math.sin(a) ** 2;
    const iw = Math.floor((w * Math.cos(a) - h * Math.sin(a)) / d) - 2;
    const ih = Math.floor((h * Math.cos(a) - w * Math.sin(a)) / d) - 2;
    return full.extract({ left: (width - iw) >> 1, top: (height - ih) >> 1, width: iw, height: ih });
  },
});

const sticker = (share: number): Edit => ({
  name: `opaque sticker ${share * 100} % of the width`,
  apply: (p, seed) => {
    const random = seeded(seed + 5);
    const r = (p.width * share) / 2;
    const [x, y] = [r + random() * (p.width - 2 * r), r + random() * (p.height - 2 * r)];
    const eye = (dx: number) =>
      `<circle cx="${x + dx * r}" cy="${y - 0.25 * r}" r="${r * 0.15}" fill="#222"/>`;
    return overlay(p, `<circle cx="${x}" cy="${y}" r="${r}" fill="#fc3"/>${eye(-0.35)}${eye(0.35)}`);
  },
});

const caption: Edit = {
  name: 'caption across the bottom',
  apply: (p) =>
    overlay(
      p,
      `<text x="50%" y="94%" font-size="${p.height / 12}" text-anchor="middle" font-family="sans-serif" font-weight="bold" fill="#fff" stroke="#000" stroke-width="2">WHEN THE SEA IS CALM</text>`,
    ),
};

const watermark: Edit = {
  name: 'translucent watermark x4',
  apply: (p) => {
    const words = [0.2, 0.45, 0.7, 0.95].map(
      (y) =>
        `<text x="8%" y="${y * 100}%" font-size="${p.height / 7}" font-family="sans-serif" fill="#fff" fill-opacity="0.35">SAMPLE PICTURE</text>`,
    );
    return overlay(p, words.join(''));
  },
};

const memeBar: Edit = {
  name: 'meme bar above',
  apply: async (p) => {
    const bar = Math.round(p.height * 0.22);
    const s = await step(open(p).extend({ top: bar, background: '#fff' }));
    const words = `<text x="4%" y="${bar * 0.65}" font-size="${bar * 0.42}" font-family="sans-serif" fill="#000">me, looking at the sea</text>`;
    return s.composite([{ input: svg(p.width, p.height + bar, words), left: 0, top: 0 }]);
  },
};

const letterbox: Edit = {
  name: 'letterbox',
  apply: (p) =>
    open(p).extend({
      top: Math.round(p.height * 0.2),
      bottom: Math.round(p.height * 0.2),
      background: '#000',
    }),
};

const onCanvas = async (p: Picture, w: number, h: number, canvas: Sharp, box: Box): Promise<Sharp> => {
  const small = await open(p).resize(box.width, box.height, { fit: 'fill' }).png().toBuffer();
  const ground = await canvas.resize(w, h, { fit: 'cover' }).png().toBuffer();
  return step(
    sharp(ground)
      .removeAlpha()
      .composite([{ input: small, left: box.left, top: box.top }]),
  );
};

const screenshot: Edit = {
  name: 'phone screenshot with interface',
  apply: async (p) => {
    const w = 540;
    const h = 1170;
    const ph = Math.round((w * p.height) / p.width);
    const top = Math.round((h - ph) / 2);
    const plain = sharp({ create: { width: w, height: h, channels: 3, background: '#111418' } });
    const s = await onCanvas(p, w, h, plain, { left: 0, top, width: w, height: ph });
    const ui = `<g fill="#fff" font-family="sans-serif" font-size="26"><text x="24" y="40">10:42</text><text x="440" y="40">82 %</text><circle cx="50" cy="110" r="26" fill="#678"/><text x="92" y="120">harbour.walks</text></g><g fill="none" stroke="#fff" stroke-width="4"><circle cx="46" cy="${h - 60}" r="16"/><circle cx="120" cy="${h - 60}" r="16"/><rect x="470" y="${h - 76}" width="32" height="32"/></g>`;
    return s.composite([{ input: svg(w, h, ui), left: 0, top: 0 }]);
  },
};

const blurredFrame: Edit = {
  name: 'blurred-fill 9:16 frame',
  apply: async (p) => {
    const w = 540;
    const h = 960;
    const ph = Math.round((w * p.height) / p.width);
    const fill = await step(open(p).resize(w, h, { fit: 'cover' }));
    return onCanvas(p, w, h, await step(fill.blur(18)), {
      left: 0,
      top: (h - ph) >> 1,
      width: w,
      height: ph,
    });
  },
};

const collage: Edit = {
  name: 'side-by-side collage',
  apply: async (p, seed) => {
    const random = seeded(seed + 3);
    const other = sharp({
      create: {
        width: p.width,
        height: p.height,
        channels: 3,
        background: '#888',
        noise: { type: 'gaussian', mean: 60 + 120 * random(), sigma: 40 },
      },
    });
    const ground = await step(other.blur(4));
    const s = await step(ground.extend({ left: p.width, background: '#000' }));
    return s.composite([{ input: await open(p).png().toBuffer(), left: 0, top: 0 }]);
  },
};

const inset: Edit = {
  name: 'picture in picture, 45 %',
  apply: async (p, seed) => {
    const noise = sharp({
      create: {
        width: p.width,
        height: p.height,
        channels: 3,
        background: '#888',
        noise: { type: 'gaussian', mean: 110 + (seed % 7) * 10, sigma: 50 },
      },
    });
    const box = {
      left: Math.round(p.width * 0.5),
      top: Math.round(p.height * 0.08),
      width: Math.round(p.width * 0.45),
      height: Math.round(p.height * 0.45),
    };
    return onCanvas(p, p.width, p.height, await step(noise.blur(5)), box);
  },
};

const noisy: Edit = {
  name: 'noise, sigma 20',
  apply: (p, seed) => {
    const random = seeded(seed + 99);
    const data = p.data.map((v) =>
      Math.max(0, Math.min(255, v + 40 * (random() + random() + random() - 1.5))),
    );
    return open({ ...p, data });
  },
};

const sheared: Edit = {
  name: 'shear 0.1',
  apply: (p) =>
    open(p).affine(
      [
        [1, 0.1],
        [0, 1],
      ],
      { background: '#000' },
    ),
};

const mixed: Edit = {
  name: 'mirror, crop 10 % and caption',
  apply: async (p, seed) => {
    const s = await step(cut(p, 0.05, 0.05, 0.05, 0.05).flop());
    const { data, info } = await s.raw().toBuffer({ resolveWithObject: true });
    return caption.apply({ width: info.width, height: info.height, format: 'rgb', data }, seed);
  },
};

const plain = (name: string, apply: (p: Picture, s: Sharp) => Sharp): Edit => ({
  name,
  apply: (p) => apply(p, open(p)),
});

/** Every row of the table, in its order. */
export const EDITS: readonly Edit[] = [
  { name: 'JPEG quality 30', quality: 30, apply: open },
  { name: 'JPEG quality 10', quality: 10, apply: open },
  plain('resize to 50 %', (p, s) => s.resize(p.width >> 1, p.height >> 1)),
  plain('resize to 25 %', (p, s) => s.resize(p.width >> 2, p.height >> 2)),
  plain('squash to a square', (p, s) => s.resize(p.height, p.height, { fit: 'fill' })),
  plain('stretch 1.33', (p, s) => s.resize(Math.round(p.width * 1.33), p.height, { fit: 'fill' })),
  plain('blur, sigma 3', (_, s) => s.blur(3)),
  plain('sharpen', (_, s) => s.sharpen({ sigma: 2 })),
  noisy,
  plain('brightness +30 %', (_, s) => s.linear(1.3, 0)),
  plain('brightness -30 %', (_, s) => s.linear(0.7, 0)),
  plain('gamma 1.8', (_, s) => s.gamma(1.8, 1)),
  plain('contrast 1.5', (_, s) => s.linear(1.5, -64)),
  plain('grey', (_, s) =>
    s.recomb([
      [0.3, 0.59, 0.11],
      [0.3, 0.59, 0.11],
      [0.3, 0.59, 0.11],
    ]),
  ),
  plain('sepia', (_, s) =>
    s.recomb([
      [0.393, 0.769, 0.189],
      [0.349, 0.686, 0.168],
      [0.272, 0.534, 0.131],
    ]),
  ),
  plain('hue +90°', (_, s) => s.modulate({ hue: 90 })),
  plain('saturation x2', (_, s) => s.modulate({ saturation: 2 })),
  plain('negative', (_, s) => s.negate()),
  plain('mirror', (_, s) => s.flop()),
  plain('rotate 90°', (_, s) => s.rotate(90)),
  plain('rotate 180°', (_, s) => s.rotate(180)),
  plain('rotate 270°', (_, s) => s.rotate(270)),
  ...[0.02, 0.03, 0.05, 0.08, 0.1, 0.2, 0.3, 0.4].map(centred),
  ...[0.05, 0.1, 0.2, 0.3, 0.4].map(corner),
  ...[0.05, 0.1, 0.2, 0.3, 0.4].map(oneSide),
  anywhere(0, 0.05),
  anywhere(0.05, 0.1),
  anywhere(0.1, 0.2),
  anywhere(0.2, 0.3),
  freely(0.05, 0.2),
  caption,
  watermark,
  sticker(0.2),
  sticker(0.4),
  border(0.02, 'black'),
  border(0.05, 'black'),
  border(0.1, 'black'),
  border(0.2, 'black'),
  border(0.1, 'white'),
  memeBar,
  letterbox,
  screenshot,
  blurredFrame,
  collage,
  inset,
  ...[2, 3, 5, 10].map((d) => turned(d, true)),
  ...[2, 5].map((d) => turned(d, false)),
  sheared,
  mixed,
];

/** Applies an edit and decodes the JPEG that would be sent. */
export async function applyEdit(edit: Edit, picture: Picture, seed: number): Promise<Picture> {
  const edited = await step(await edit.apply(picture, seed));
  const jpeg = await edited
    .removeAlpha()
    .jpeg({ quality: edit.quality ?? 85 })
    .toBuffer();
  const { data, info } = await sharp(jpeg)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, format: 'rgb', data };
}
