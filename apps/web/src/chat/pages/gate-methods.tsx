import type { Reply } from '@accord/protocol';
import { Fragment, useEffect, useState } from 'react';
import { call } from '../../api/client.ts';
import { Banner, ForwardIcon, ShieldIcon } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import { useAction } from '../load.ts';
import { Failure } from './failure.tsx';
import styles from './gate.module.css';
import { WalletWays } from './gate-wallet.tsx';
import type { ProofReturn } from './proof-return.ts';

type Method = Reply<'gate.read'>['methods'][number];

interface MethodsProps {
  readonly methods: readonly Method[];
  readonly onAnswer: (proof: ProofReturn) => void;
}

/** The ways to prove one's age, each with what it learns about a person. */
export function Methods({ methods, onAnswer }: MethodsProps) {
  const { messages, language } = useLanguage();
  const t = messages.gate;
  const action = useAction();
  const [chosen, setChosen] = useState<string | null>(null);
  const [unfolded, setUnfolded] = useState(false);
  useEffect(() => {
    // Coming back, the browser may show the page as it was left.
    const back = () => setChosen(null);
    addEventListener('pageshow', back);
    return () => removeEventListener('pageshow', back);
  }, []);
  const begin = async ({ id, kind }: Method) => {
    if (kind === 'wallet') return setUnfolded(!unfolded);
    // A provider that never comes up does not bar the others.
    if (action.busy) return;
    setChosen(id);
    const begun = await action.run(async () => {
      const { present } = await call('gate.begin', { body: { method: id } });
      if (present.kind !== 'browser') location.assign(present.url);
    });
    // Otherwise it stays at work until the other page is there.
    if (!begun) setChosen(null);
  };
  if (methods.every(({ available }) => !available)) return <Banner kind="warn">{t.none}</Banner>;
  return (
    <section className={styles.methods} aria-labelledby="methods">
      <h2 id="methods" className={styles.small}>
        {t.choose}
      </h2>
      {methods.some(({ kind }) => kind === 'test') && <Banner kind="warn">{t.testOnly}</Banner>}
      <Failure error={action.error} />
      {methods.map((method) => {
        const { id, kind, name, learns, doubleBlind, available } = method;
        const busy = chosen === id;
        const isOpen = kind === 'wallet' && available && unfolded;
        return (
          <Fragment key={id}>
            <button
              type="button"
              className={styles.method}
              disabled={!available}
              aria-busy={busy || undefined}
              aria-expanded={kind === 'wallet' && available ? isOpen : undefined}
              onClick={() => void begin(method)}
            >
              <ShieldIcon size={28} />
              <span className={styles.words}>
                <strong>{name?.[language] ?? t.methods[kind].name}</strong>
                <span>{busy ? t.leaving : available ? t.methods[kind].about : t.notNow}</span>
                <span className={styles.learns}>{learns?.[language] ?? t.methods[kind].learns}</span>
                {doubleBlind && kind !== 'wallet' && <span className={styles.learns}>{t.doubleBlind}</span>}
              </span>
              <ForwardIcon size={20} />
            </button>
            {isOpen && (
              <div className={styles.unfolded}>
                <p className={styles.about}>{t.wallet.lead}</p>
                <WalletWays onAnswer={onAnswer} />
              </div>
            )}
          </Fragment>
        );
      })}
    </section>
  );
}
