import { type PointerEvent, useEffect, useRef, useState } from 'react';
import {
  BlurIcon,
  BrushIcon,
  Button,
  CoverIcon,
  CropIcon,
  classes,
  type Icon,
  TurnIcon,
  UndoIcon,
} from '../../../design/index.ts';
import { useMessages } from '../../../messages/index.ts';
import type { OpenPicture } from '../studio/client.ts';
import {
  drawEdited,
  type Edits,
  editedSize,
  type Mark,
  type Point,
  type Rect,
  turn,
  whole,
} from '../studio/edits.ts';
import styles from './editor.module.css';
import { Region } from './region.tsx';

type Tool = 'crop' | 'blur' | 'cover' | 'brush';

interface EditorProps {
  readonly picture: OpenPicture;
  readonly edits: Edits;
  /** One step, which `onUndo` takes back. */
  readonly onEdit: (edits: Edits) => void;
  /** Absent where there is nothing to take back. */
  readonly onUndo: (() => void) | undefined;
}

const middle: Rect = { x: 0.3, y: 0.3, w: 0.4, h: 0.4 };
const brushWidth = 0.045;
const previewSide = 1280;

/** From what is shown to the whole picture. */
const outOf = (crop: Rect, { x, y }: Point): Point => ({ x: crop.x + x * crop.w, y: crop.y + y * crop.h });

/** The picture with what can be done to it before it leaves: crop, hide a part, turn, undo. */
export function Editor({ picture, edits, onEdit, onUndo }: EditorProps) {
  const t = useMessages().pictures.editor;
  const [tool, setTool] = useState<Tool | null>(null);
  const [region, setRegion] = useState<Rect>(middle);
  const [line, setLine] = useState<readonly Point[]>([]);
  const shown: Edits = tool === 'crop' ? { ...edits, crop: whole } : edits;
  const drawn = line.length === 0 ? shown : { ...shown, marks: [...shown.marks, brush(shown.crop, line)] };
  const canvas = useDrawing(picture, drawn);

  const choose = (next: Tool) => {
    setTool(tool === next ? null : next);
    setRegion(next === 'crop' ? edits.crop : middle);
  };
  const mark = (made: Mark) => onEdit({ ...edits, marks: [...edits.marks, made] });
  const hide = (kind: 'blur' | 'cover') => {
    const { crop } = edits;
    mark({ kind, rect: { ...outOf(crop, region), w: region.w * crop.w, h: region.h * crop.h } });
  };
  const apply = () => {
    if (tool === 'crop') {
      onEdit({ ...edits, crop: region });
      setTool(null);
    } else if (tool === 'blur' || tool === 'cover') hide(tool);
  };
  const draws = tool === 'brush' ? strokes(line, setLine, () => mark(brush(edits.crop, line))) : {};
  const tools: readonly (readonly [Tool, Icon])[] = [
    ['crop', CropIcon],
    ['blur', BlurIcon],
    ['cover', CoverIcon],
    ['brush', BrushIcon],
  ];
  return (
    <div className={styles.editor}>
      <div className={styles.stage}>
        <div className={styles.picture}>
          <canvas
            ref={canvas}
            role="img"
            aria-label={t.preview}
            className={classes(styles.canvas, tool === 'brush' && styles.drawing)}
            onContextMenu={(event) => event.preventDefault()}
            {...draws}
          />
          {tool !== null && tool !== 'brush' && (
            <Region rect={region} onChange={setRegion} dims={tool === 'crop'} />
          )}
        </div>
      </div>
      <div className={styles.tools} role="toolbar" aria-label={t.tools}>
        {tools.map(([name, Shape]) => (
          <button
            key={name}
            type="button"
            className={styles.tool}
            aria-pressed={tool === name}
            onClick={() => choose(name)}
          >
            <Shape size={22} />
            <span>{t[name]}</span>
          </button>
        ))}
        <button
          type="button"
          className={styles.tool}
          onClick={() => {
            setTool(null);
            onEdit(turn(edits));
          }}
        >
          <TurnIcon size={22} />
          <span>{t.turn}</span>
        </button>
        <button
          type="button"
          className={styles.tool}
          aria-disabled={onUndo === undefined}
          onClick={() => onUndo?.()}
        >
          <UndoIcon size={22} />
          <span>{t.undo}</span>
        </button>
      </div>
      <div className={styles.hint} role="status">
        {tool !== null && <p>{t.hints[tool]}</p>}
        {tool !== null && tool !== 'brush' && (
          <Button small kind="soft" onClick={apply}>
            {t.apply[tool]}
          </Button>
        )}
      </div>
    </div>
  );
}

const brush = (crop: Rect, line: readonly Point[]): Mark => ({
  kind: 'brush',
  points: line.map((point) => outOf(crop, point)),
  width: brushWidth * Math.max(crop.w, crop.h),
});

/** Draws the edited preview, at the pixels of the preview and no more. */
function useDrawing(picture: OpenPicture, edits: Edits) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const size = editedSize(picture, edits);
    const scale = Math.min(1, previewSide / Math.max(size.width, size.height));
    element.width = Math.max(1, Math.round(size.width * scale));
    element.height = Math.max(1, Math.round(size.height * scale));
    drawEdited(context, picture.preview, edits);
  }, [picture, edits]);
  return canvas;
}

function strokes(line: readonly Point[], setLine: (line: readonly Point[]) => void, done: () => void) {
  const at = (event: PointerEvent<HTMLCanvasElement>): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };
  const end = () => {
    if (line.length > 0) done();
    setLine([]);
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLCanvasElement>) => {
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      setLine([at(event)]);
    },
    onPointerMove: (event: PointerEvent<HTMLCanvasElement>) => {
      if (line.length > 0) setLine([...line, at(event)]);
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}
