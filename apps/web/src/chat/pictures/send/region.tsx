import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { useMessages } from '../../../messages/index.ts';
import { clampRect, leastSide, type Rect } from '../studio/edits.ts';
import styles from './editor.module.css';

interface RegionProps {
  /** Fractions of what is shown. */
  readonly rect: Rect;
  readonly onChange: (rect: Rect) => void;
  /** Dims what is outside: what a crop would cut off. */
  readonly dims: boolean;
}

type Grip = 'start' | 'end' | 'inside';

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const step = { fine: 0.01, coarse: 0.05 };

function moved(rect: Rect, grip: Grip, dx: number, dy: number): Rect {
  if (grip === 'inside') return clampRect({ ...rect, x: rect.x + dx, y: rect.y + dy });
  if (grip === 'end') {
    const w = Math.min(1 - rect.x, rect.w + dx);
    const h = Math.min(1 - rect.y, rect.h + dy);
    return clampRect({ ...rect, w, h });
  }
  const x = Math.min(rect.x + rect.w - leastSide, Math.max(0, rect.x + dx));
  const y = Math.min(rect.y + rect.h - leastSide, Math.max(0, rect.y + dy));
  return clampRect({ x, y, w: rect.x + rect.w - x, h: rect.y + rect.h - y });
}

const percent = (share: number) => Math.round(share * 100);

/** A rectangle over the picture: drawn with a finger, or with the arrow keys at its two corners. */
export function Region({ rect, onChange, dims }: RegionProps) {
  const t = useMessages().pictures.editor;
  const area = useRef<HTMLDivElement>(null);
  const held = useRef<{ grip: Grip; x: number; y: number; from: Rect } | null>(null);

  const take = (grip: Grip) => (event: PointerEvent<HTMLElement>) => {
    event.preventDefault();
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current = { grip, x: event.clientX, y: event.clientY, from: rect };
  };
  const drag = (event: PointerEvent<HTMLElement>) => {
    const box = area.current?.getBoundingClientRect();
    if (held.current === null || box === undefined) return;
    const { grip, x, y, from } = held.current;
    onChange(moved(from, grip, (event.clientX - x) / box.width, (event.clientY - y) / box.height));
  };
  const drop = () => {
    held.current = null;
  };
  const onKey = (grip: Grip) => (event: KeyboardEvent) => {
    const arrow = arrows[event.key];
    if (arrow === undefined) return;
    event.preventDefault();
    const by = event.shiftKey ? step.coarse : step.fine;
    onChange(moved(rect, grip, arrow[0] * by, arrow[1] * by));
  };
  const grips = { onPointerMove: drag, onPointerUp: drop, onPointerCancel: drop };
  const corner = (grip: 'start' | 'end', x: number, y: number) => (
    <button
      type="button"
      className={styles.corner}
      style={{ insetInlineStart: `${x * 100}%`, insetBlockStart: `${y * 100}%` }}
      aria-label={t.corner[grip](percent(x), percent(y))}
      onPointerDown={take(grip)}
      onKeyDown={onKey(grip)}
      {...grips}
    />
  );
  return (
    <div ref={area} className={styles.over} dir="ltr">
      <div
        className={dims ? styles.cropped : styles.region}
        style={{
          insetInlineStart: `${rect.x * 100}%`,
          insetBlockStart: `${rect.y * 100}%`,
          inlineSize: `${rect.w * 100}%`,
          blockSize: `${rect.h * 100}%`,
        }}
        onPointerDown={take('inside')}
        {...grips}
      />
      {corner('start', rect.x, rect.y)}
      {corner('end', rect.x + rect.w, rect.y + rect.h)}
    </div>
  );
}
