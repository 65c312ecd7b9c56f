import { useEffect, useState } from 'react';
import { useNow } from '../chat/time.ts';
import { Button, Dialog } from '../design/index.ts';
import { useConsoleMessages } from './messages/index.ts';
import styles from './pause.module.css';

/** Looks after which a pause is proposed, and again after as many more. */
const every = 12;
const pauseMs = 5 * 60_000;

/** Proposes a pause to somebody who looked at many pictures within the hour. It proposes, and never forces. */
export function PauseAfterLooks({ count }: { readonly count: number }) {
  const t = useConsoleMessages().pause;
  const [answered, setAnswered] = useState(0);
  const [until, setUntil] = useState<number | null>(null);
  const step = Math.floor(count / every);
  // The hour moves on: fewer looks count again from below.
  useEffect(() => {
    if (step < answered) setAnswered(step);
  }, [step, answered]);
  const asks = step > answered && until === null;
  return (
    <>
      <Dialog
        open={asks}
        onClose={() => setAnswered(step)}
        title={t.title}
        actions={
          <>
            <Button kind="soft" onClick={() => setAnswered(step)}>
              {t.goOn}
            </Button>
            <Button
              onClick={() => {
                setAnswered(step);
                setUntil(Date.now() + pauseMs);
              }}
            >
              {t.begin}
            </Button>
          </>
        }
      >
        <p>{t.words(count)}</p>
        <p>{t.advice}</p>
      </Dialog>
      {until !== null && <Resting until={until} onEnd={() => setUntil(null)} />}
    </>
  );
}

/** Nothing of the console is in sight while somebody rests. */
function Resting({ until, onEnd }: { readonly until: number; readonly onEnd: () => void }) {
  const t = useConsoleMessages().pause;
  const now = useNow(1000);
  const left = Math.max(0, until - now);
  useEffect(() => {
    if (left === 0) onEnd();
  }, [left, onEnd]);
  const seconds = Math.ceil(left / 1000);
  return (
    <Dialog
      open
      onClose={onEnd}
      title={t.running(Math.floor(seconds / 60), String(seconds % 60).padStart(2, '0'))}
      actions={
        <Button kind="soft" onClick={onEnd}>
          {t.end}
        </Button>
      }
    >
      <div className={styles.breath} aria-hidden="true" />
    </Dialog>
  );
}
