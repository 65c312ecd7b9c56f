import type { ReactNode } from 'react';
import { call } from '../../api/client.ts';
import { Button, KeyIcon, Page } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { askPasskey } from '../engine/passkeys.ts';
import { useEngine } from '../engine-access.tsx';
import { useAction } from '../load.ts';
import { Failure } from './failure.tsx';
import styles from './gate.module.css';

interface ReopenProps {
  readonly methods: ReactNode;
  readonly leave: ReactNode;
}

/** The proof is good, and talk closed: the passkey opens it again, as does another proof. */
export function Reopen({ methods, leave }: ReopenProps) {
  const t = useMessages().gate.reopen;
  const engine = useEngine();
  const { run, busy, error } = useAction();
  const check = () =>
    run(async () => {
      const { ceremonyId, options } = await call('accounts.checks.begin', { body: {} });
      const { credential } = await askPasskey(options);
      await call('accounts.checks.finish', { params: { ceremonyId }, body: { credential } });
      // Once the engine knows, the gate leads back to where one was.
      await engine.account.refresh();
    });
  return (
    <Page title={t.title} documentTitle={t.documentTitle} lead={t.lead}>
      <Failure error={error} />
      <Button icon={KeyIcon} wide busy={busy} onClick={() => void check()}>
        {busy ? t.busy : t.passkey}
      </Button>
      <details className={styles.more}>
        <summary>{t.other}</summary>
        {methods}
      </details>
      {leave}
    </Page>
  );
}
