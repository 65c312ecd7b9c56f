import { useState } from 'react';
import { call } from '../../api/client.ts';
import { Banner, Button, Card, DeviceIcon } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { useAction } from '../load.ts';
import { canAskBrowser } from './ask-wallet.ts';
import { Failure } from './failure.tsx';
import styles from './gate.module.css';
import { ByBrowser } from './gate-browser.tsx';
import { ByCode } from './gate-code.tsx';
import type { ProofReturn } from './proof-return.ts';
import { useAnswer } from './use-answer.ts';

interface WaysProps {
  readonly onAnswer: (proof: ProofReturn) => void;
}

/** One way to reach a wallet among several, of which one is under way at a time. */
export interface WayProps {
  readonly active: boolean;
  /** It is the one that most likely fits this device. */
  readonly first: boolean;
  readonly onBegin: () => void;
}

/** The wallet where it is the only method: nothing is to be chosen first. */
export function OnlyWallet({ onAnswer }: WaysProps) {
  const t = useMessages().gate;
  return (
    <section className={styles.methods} aria-labelledby="wallet">
      <h2 id="wallet" className={styles.small}>
        {t.wallet.title}
      </h2>
      <p className={styles.about}>
        {t.wallet.lead} {t.methods.wallet.learns}
      </p>
      <WalletWays onAnswer={onAnswer} />
    </section>
  );
}

/** Asked by the browser, by its app on this device, or by a code that a phone reads. */
export function WalletWays({ onAnswer }: WaysProps) {
  const [way, setWay] = useState<'browser' | 'link' | 'code' | null>(null);
  const [onPhone] = useState(() => matchMedia('(pointer: coarse)').matches);
  const likely = canAskBrowser() ? 'browser' : onPhone ? 'link' : 'code';
  const at = (name: NonNullable<typeof way>): WayProps => ({
    active: way === name,
    first: name === likely,
    onBegin: () => setWay(name),
  });
  const link = <ByLink key="link" {...at('link')} />;
  const code = <ByCode key="code" {...at('code')} onAnswer={onAnswer} />;
  return (
    <>
      {canAskBrowser() && <ByBrowser {...at('browser')} onAnswer={onAnswer} />}
      {onPhone ? [link, code] : [code, link]}
    </>
  );
}

function ByLink({ active, first, onBegin }: WayProps) {
  const t = useMessages().gate.wallet;
  const action = useAction();
  const [proofId, setProofId] = useState<string | null>(null);
  const state = useAnswer(active ? proofId : null);
  const open = () => {
    onBegin();
    return action.run(async () => {
      const { proofId: id, present } = await call('gate.begin', { body: { method: 'wallet', way: 'link' } });
      if (present.kind === 'browser') return;
      setProofId(id);
      location.assign(present.url);
    });
  };
  return (
    <Card>
      <p className={styles.about}>{t.linkAbout}</p>
      <Failure error={active ? action.error : null} />
      {state === 'waiting' && (
        <Banner live>
          {t.linkWaiting} {t.linkNothing}
        </Banner>
      )}
      {state === 'answered' && (
        <Banner kind="good" live>
          {t.linkAnswered} {t.linkLost}
        </Banner>
      )}
      {state === 'over' && (
        <Banner kind="warn" live>
          {t.over}
        </Banner>
      )}
      <Button
        icon={DeviceIcon}
        kind={first ? 'primary' : 'soft'}
        wide
        busy={action.busy}
        onClick={() => void open()}
      >
        {t.link}
      </Button>
    </Card>
  );
}
