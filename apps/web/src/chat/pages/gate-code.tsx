import { useEffect, useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import { Banner, Button, Card, CopyIcon, PhoneIcon, toast } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { useAction } from '../load.ts';
import { useNow } from '../time.ts';
import { Failure } from './failure.tsx';
import styles from './gate.module.css';
import type { WayProps } from './gate-wallet.tsx';
import type { ProofReturn } from './proof-return.ts';
import { useAnswer } from './use-answer.ts';

interface CodeProps extends WayProps {
  readonly onAnswer: (proof: ProofReturn) => void;
}

interface Shown {
  readonly proofId: string;
  readonly url: string;
  /** In ms, by this device's clock. */
  readonly until: number;
}

/** When a person is told that a code is about to run out, in ms before it does. */
const soon = 30_000;

/** The wallet of another device, by a code that it reads; a new one at any time. */
export function ByCode({ active, first, onBegin, onAnswer }: CodeProps) {
  const t = useMessages().gate.wallet;
  const action = useAction();
  const [shown, setShown] = useState<Shown | null>(null);
  const state = useAnswer(active ? (shown?.proofId ?? null) : null);
  useEffect(() => {
    if (state === 'answered' && shown !== null) onAnswer({ proofId: shown.proofId, response: '' });
  }, [state, shown, onAnswer]);
  const show = () => {
    onBegin();
    return action.run(async () => {
      const { proofId, present, lastsMs } = await call('gate.begin', {
        body: { method: 'wallet', way: 'code' },
      });
      if (present.kind !== 'browser') setShown({ proofId, url: present.url, until: Date.now() + lastsMs });
    });
  };
  const over = state === 'over';
  const current = active && !over ? shown : null;
  return (
    <Card>
      <p className={styles.about}>{t.codeAbout}</p>
      <Failure error={active ? action.error : null} />
      {over && (
        <Banner kind="warn" live>
          {t.over}
        </Banner>
      )}
      {current !== null && <CodeForPhone key={current.proofId} shown={current} />}
      <Button
        icon={PhoneIcon}
        kind={first ? 'primary' : 'soft'}
        wide
        busy={action.busy}
        onClick={() => void show()}
      >
        {shown === null ? t.code : t.newCode}
      </Button>
    </Card>
  );
}

/** An address as a code for a phone, and as a link for whoever can't have it read. */
function CodeForPhone({ shown: { url, until } }: { readonly shown: Shown }) {
  const t = useMessages().gate.wallet;
  const whole = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<{ readonly path: string; readonly size: number } | null>(null);
  useEffect(() => {
    let wanted = true;
    // The encoder is a few kilobytes that most people never need.
    void import('qr').then(({ default: encodeQR }) => {
      const rows = encodeQR(url, 'raw', { ecc: 'low', border: 3 });
      if (wanted) setDrawn({ path: pathOf(rows), size: rows.length });
    });
    return () => {
      wanted = false;
    };
  }, [url]);
  useEffect(() => {
    // It stands above the button that was pressed.
    if (drawn !== null) whole.current?.scrollIntoView({ block: 'nearest' });
  }, [drawn]);
  return (
    <div className={styles.code} ref={whole}>
      {drawn !== null && (
        <svg
          className={styles.drawn}
          viewBox={`0 0 ${drawn.size} ${drawn.size}`}
          role="img"
          aria-label={t.codeLabel}
          shapeRendering="crispEdges"
        >
          <path d={drawn.path} />
        </svg>
      )}
      <p role="status">{t.codeGood}</p>
      <TimeLeft until={until} />
      <p>{t.codeOwn}</p>
      <details className={styles.more}>
        <summary>{t.cantRead}</summary>
        <p>{t.cantReadHow}</p>
        <a href={url}>{t.openLink}</a>
        <CopyLink url={url} />
      </details>
    </div>
  );
}

function CopyLink({ url }: { readonly url: string }) {
  const { gate, common } = useMessages();
  const action = useAction();
  const copy = async () => {
    if (await action.run(() => navigator.clipboard.writeText(url))) toast(common.copied);
  };
  return (
    <>
      <Button kind="soft" small icon={CopyIcon} busy={action.busy} onClick={() => void copy()}>
        {gate.wallet.copyLink}
      </Button>
      <Failure error={action.error} />
    </>
  );
}

/** The time that is left, for the eye each second, and said aloud once, in time to do something about it. */
function TimeLeft({ until }: { readonly until: number }) {
  const t = useMessages().gate.wallet;
  const left = Math.max(0, until - useNow(1000));
  const [minutes, seconds] = [Math.floor(left / 60_000), Math.floor(left / 1000) % 60];
  const time = minutes > 0 ? `${minutes} min ${String(seconds).padStart(2, '0')} s` : `${seconds} s`;
  return (
    <div>
      <p role="timer" aria-live="off">
        {t.codeLeft(time)}
      </p>
      <p role="status">{left < soon && t.codeEnding}</p>
    </div>
  );
}

/** Dark modules as one path: a run of them in a row is one rectangle. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  let path = '';
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      if (row[x] !== true) continue;
      const from = x;
      while (row[x + 1] === true) x += 1;
      path += `M${from} ${y}h${x + 1 - from}v1H${from}z`;
    }
  }
  return path;
}
