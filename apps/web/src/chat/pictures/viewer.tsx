import { useCallback, useEffect, useRef, useState } from 'react';
import { Banner, Button, classes, Dialog, EyeIcon, HideIcon, Skeleton } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { useEngine } from '../engine-access.tsx';
import type { Revealed } from './reveal.ts';
import { studioSentence } from './studio-failure.tsx';
import styles from './viewer.module.css';

interface ViewerProps {
  readonly label: string;
  /** Tells when the picture can no longer be seen; absent for the copy that somebody is asked about. */
  readonly follow?: (onDark: () => void) => () => void;
  /** Fetches, checks and draws; called once, for each call counts a view. */
  readonly open: () => Promise<Revealed<ImageBitmap>>;
  readonly onClose: () => void;
}

type State =
  | { readonly phase: 'opening' }
  | { readonly phase: 'failed'; readonly words: string }
  | { readonly phase: 'dark' }
  | {
      readonly phase: 'shown';
      readonly bitmap: ImageBitmap;
      readonly viewsLeft: number | null;
    };

/**
 * Shows one picture on a canvas, covered unless it is held or uncovered. It closes when the page is left or hidden, and its
 * pixels go with it; no element of the page ever holds a file of it.
 */
export default function Viewer({ label, follow, open, onClose }: ViewerProps) {
  const t = useMessages().pictures;
  const { state, darken } = useOpening(open);
  useEffect(() => follow?.(darken), [follow, darken]);
  useClosingOnLeave(onClose);
  return (
    <Dialog
      open
      onClose={onClose}
      title={label}
      actions={
        <Button kind="soft" onClick={onClose}>
          {t.viewer.close}
        </Button>
      }
    >
      {state.phase === 'opening' && (
        <div className={styles.opening}>
          <p role="status">{t.viewer.opening}</p>
          <Skeleton rows={2} />
        </div>
      )}
      {state.phase === 'failed' && <Banner kind="warn">{state.words}</Banner>}
      {state.phase === 'dark' && (
        <>
          <div className={styles.dark} aria-hidden="true" />
          <Banner kind="warn" live>
            {t.viewer.gone}
          </Banner>
        </>
      )}
      {state.phase === 'shown' && <Shown label={label} {...state} />}
    </Dialog>
  );
}

function useOpening(open: ViewerProps['open']): { readonly state: State; readonly darken: () => void } {
  const t = useMessages();
  const [state, setState] = useState<State>({ phase: 'opening' });
  const started = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for each opening counts a view
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    open().then(
      (revealed) =>
        setState(
          revealed.outcome === 'shown'
            ? { phase: 'shown', bitmap: revealed.bitmap, viewsLeft: revealed.viewsLeft }
            : { phase: 'failed', words: t.pictures.refusals[revealed.code] },
        ),
      (error: unknown) => setState({ phase: 'failed', words: studioSentence(error, t) }),
    );
  }, []);
  const darken = useCallback(
    () =>
      setState((now) => {
        if (now.phase === 'shown') now.bitmap.close();
        return { phase: 'dark' };
      }),
    [],
  );
  return { state, darken };
}

/** A window that loses the focus, a hidden tab and a page that is left take the picture with them. */
function useClosingOnLeave(onClose: () => void): void {
  useEffect(() => {
    const onHide = () => document.visibilityState === 'hidden' && onClose();
    window.addEventListener('blur', onClose);
    window.addEventListener('pagehide', onClose);
    document.addEventListener('visibilitychange', onHide);
    return () => {
      window.removeEventListener('blur', onClose);
      window.removeEventListener('pagehide', onClose);
      document.removeEventListener('visibilitychange', onHide);
    };
  }, [onClose]);
}

function Shown({
  label,
  bitmap,
  viewsLeft,
}: {
  readonly label: string;
  readonly bitmap: ImageBitmap;
  readonly viewsLeft: number | null;
}) {
  const t = useMessages().pictures.viewer;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [held, setHeld] = useState(false);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    element.width = bitmap.width;
    element.height = bitmap.height;
    element.getContext('2d')?.drawImage(bitmap, 0, 0);
    return () => {
      // What was drawn goes before the element does.
      element.width = 1;
      element.height = 1;
      bitmap.close();
    };
  }, [bitmap]);
  const visible = held || open;
  return (
    <div className={styles.shown}>
      <div className={styles.stage}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={label}
          className={classes(styles.canvas, !visible && styles.covered)}
          onContextMenu={(event) => event.preventDefault()}
          onPointerDown={() => setHeld(true)}
          onPointerUp={() => setHeld(false)}
          onPointerLeave={() => setHeld(false)}
          onPointerCancel={() => setHeld(false)}
        />
        {!visible && <span className={styles.hold}>{t.hold}</span>}
      </div>
      <Button kind="soft" icon={open ? HideIcon : EyeIcon} aria-pressed={open} onClick={() => setOpen(!open)}>
        {open ? t.cover : t.show}
      </Button>
      <p className={styles.hint}>{t.hint}</p>
      {viewsLeft !== null && <p className={styles.hint}>{viewsLeft === 0 ? t.last : t.left(viewsLeft)}</p>}
      <p className={styles.hint}>{t.screenshots}</p>
    </div>
  );
}

/** The engine's part of opening a question's copy, drawn without an attestation: nobody else sees it. */
export function useQuestionOpening(consentId: string) {
  const { pictures } = useEngine();
  return useCallback(async (): Promise<Revealed<ImageBitmap>> => {
    const opened = await pictures.openQuestion({ consentId });
    if (opened.outcome === 'refused') return opened;
    const { studio } = await import('./studio/client.ts');
    const { bitmap } = await studio().draw(opened.bytes);
    return { outcome: 'shown', bitmap, viewsLeft: opened.viewsLeft, expiresAt: opened.expiresAt };
  }, [pictures, consentId]);
}
