import { useEffect, useState } from 'react';
import { CheckIcon, WarnIcon } from './icons.tsx';
import styles from './toast.module.css';

interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
}

type Listener = (toast: Toast) => void;
const listeners = new Set<Listener>();
let last = 0;

/** Says in one short sentence that something is done, or that it failed. Never the only place for a failure. */
export function toast(text: string, kind: Toast['kind'] = 'done'): void {
  last += 1;
  for (const listener of listeners) listener({ id: last, kind, text });
}

/** How long a toast stays, in ms: enough to read a sentence twice. */
const stay = 6000;

/** The live region that shows toasts; once, at the top of the app. */
export function Toasts() {
  const [shown, setShown] = useState<readonly Toast[]>([]);
  useEffect(() => {
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const show: Listener = (next) => {
      setShown((before) => [...before.slice(-2), next]);
      timers.add(setTimeout(() => setShown((before) => before.filter(({ id }) => id !== next.id)), stay));
    };
    listeners.add(show);
    return () => {
      listeners.delete(show);
      for (const timer of timers) clearTimeout(timer);
    };
  }, []);
  return (
    <div className={styles.toasts} role="status" aria-live="polite">
      {shown.map(({ id, kind, text }) => (
        <p key={id} className={styles.toast}>
          {kind === 'done' ? <CheckIcon size={20} /> : <WarnIcon size={20} />}
          {text}
        </p>
      ))}
    </div>
  );
}
