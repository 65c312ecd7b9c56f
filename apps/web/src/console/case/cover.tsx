import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import { EyeIcon, Switch } from '../../design/index.ts';
import { useMe } from '../me.ts';
import { useConsoleMessages } from '../messages/index.ts';
import styles from './case.module.css';
import evidence from './evidence.module.css';

/** Pixels on the longer side of what stays on the canvas: shapes of light and dark, and nothing to recognize. */
const coarse = 14;

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Draws the picture so coarse and grey that the canvas holds nothing that a failing style could uncover. */
function drawCoarse(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  const share = coarse / Math.max(bitmap.width, bitmap.height);
  canvas.width = Math.max(1, Math.round(bitmap.width * share));
  canvas.height = Math.max(1, Math.round(bitmap.height * share));
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const { data } = pixels;
  for (let at = 0; at < data.length; at += 4) {
    const grey = 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
    data[at] = data[at + 1] = data[at + 2] = grey;
  }
  context.putImageData(pixels, 0, 0);
}

function drawSharp(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
}

type Phase = 'empty' | 'loading' | 'coarse' | 'sharp' | 'failed';

/**
 * Each hold asks the server anew, which writes down who looked, and shows the picture for as long as it lasts; then its
 * pixels are drawn over by a coarse grey one and its bytes are let go. A window that loses the focus, a hidden tab and a page
 * that is left end a hold.
 */
function useHold(caseId: string, itemId: string) {
  const { looked } = useMe();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [phase, setPhase] = useState<Phase>('empty');
  const holding = useRef<AbortController | null>(null);
  const shown = useRef<{ readonly bitmap: ImageBitmap; readonly looks: number } | null>(null);
  const end = useCallback(() => {
    holding.current?.abort();
    holding.current = null;
    const look = shown.current;
    shown.current = null;
    if (look !== null) {
      if (canvas.current !== null) drawCoarse(canvas.current, look.bitmap);
      look.bitmap.close();
      setPhase('coarse');
      // Told when it is over: a pause is not proposed in the middle of a look.
      looked(look.looks);
    } else setPhase((now) => (now === 'loading' ? 'empty' : now));
  }, [looked]);
  const begin = useCallback(async () => {
    if (holding.current !== null) return;
    const hold = new AbortController();
    holding.current = hold;
    setPhase((now) => (now === 'coarse' ? now : 'loading'));
    try {
      const params = { caseId, itemId };
      const picture = await call('cases.reveal', { params, body: {} });
      const looks = picture.revealsInHour;
      const blob = new Blob([fromBase64(picture.bytes)], { type: picture.type });
      const bitmap = await createImageBitmap(blob);
      if (canvas.current === null) return bitmap.close();
      if (hold.signal.aborted) {
        drawCoarse(canvas.current, bitmap);
        bitmap.close();
        looked(looks);
        return setPhase('coarse');
      }
      shown.current = { bitmap, looks };
      drawSharp(canvas.current, bitmap);
      setPhase('sharp');
    } catch {
      if (holding.current === hold) holding.current = null;
      setPhase('failed');
    }
  }, [caseId, itemId, looked]);
  useEffect(() => {
    const onHide = () => document.visibilityState === 'hidden' && end();
    addEventListener('blur', end);
    addEventListener('pagehide', end);
    document.addEventListener('visibilitychange', onHide);
    return () => {
      end();
      removeEventListener('blur', end);
      removeEventListener('pagehide', end);
      document.removeEventListener('visibilitychange', onHide);
    };
  }, [end]);
  return { canvas, phase, begin, end };
}

/** A reported picture: nothing of it is loaded before somebody holds, and it is grey and coarse before and after. */
export function Cover({ caseId, itemId }: { readonly caseId: string; readonly itemId: string }) {
  const t = useConsoleMessages().cover;
  const me = useMe();
  const [colour, setColour] = useState(false);
  const hintId = useId();
  const { canvas, phase, begin, end } = useHold(caseId, itemId);
  if (!me.can('media.reveal')) return <p className={styles.quiet}>{t.noRole}</p>;
  const words = {
    empty: t.hold,
    coarse: t.hold,
    loading: t.loading,
    failed: t.failed,
    sharp: '',
  }[phase];
  return (
    <div className={evidence.cover}>
      <button
        type="button"
        className={evidence.stage}
        aria-label={phase === 'sharp' ? t.shown : `${t.label}. ${t.hold}`}
        aria-describedby={hintId}
        data-phase={phase}
        onContextMenu={(event) => event.preventDefault()}
        onPointerDown={(event) => {
          if (event.button === 0) void begin();
        }}
        onPointerUp={end}
        onPointerLeave={end}
        onPointerCancel={end}
        onKeyDown={(event) => {
          if (event.key !== ' ' && event.key !== 'Enter') return;
          event.preventDefault();
          if (!event.repeat) void begin();
        }}
        onKeyUp={end}
        onBlur={end}
      >
        <canvas
          ref={canvas}
          className={evidence.canvas}
          data-empty={phase === 'empty' || phase === 'loading' || phase === 'failed' || undefined}
          data-held={phase === 'sharp' || undefined}
          data-grey={!colour || undefined}
        />
        {words !== '' && (
          <span className={evidence.hold}>
            <EyeIcon size={20} />
            {words}
          </span>
        )}
      </button>
      <p id={hintId} className={styles.quiet}>
        {t.hint} {phase === 'coarse' ? t.blurred : t.covered}
      </p>
      <Switch label={t.colour} checked={colour} onChange={setColour} />
      <p className={styles.quiet} aria-live="polite">
        {t.count(me.revealsInHour)}
      </p>
    </div>
  );
}
