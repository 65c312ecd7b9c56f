import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Button, ButtonLink, Card, KeyIcon, Page } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { suggestDeviceName } from '../device-name.ts';
import { useEngine } from '../engine-access.tsx';
import { useAction } from '../load.ts';
import styles from './account.module.css';
import { Failure } from './failure.tsx';

/** Coming back with a passkey. */
export default function SignIn() {
  const t = useMessages().account;
  const engine = useEngine();
  const action = useAction();
  const forget = useAction();
  const [, go] = useLocation();
  const [toConsole] = useState(() => new URLSearchParams(location.search).get('to') === 'console');
  const [device] = useState(() => suggestDeviceName(navigator.userAgent, t.deviceNames));
  const signIn = () =>
    action.run(async () => {
      const { outcome } = await engine.account.signIn({ deviceName: device });
      // Another document, which asks neither for keys nor for a proof of age.
      if (toConsole) return location.assign('/console');
      go(outcome === 'needs-code' ? '/return' : '/people', { replace: true });
    });
  const otherAccount = (action.error as { code?: unknown } | null)?.code === 'other_account';
  const eraseOther = async () => {
    if (await forget.run(() => engine.account.forget())) action.clear();
  };
  return (
    <Page title={t.signIn.title} documentTitle={t.signIn.documentTitle} lead={t.signIn.lead}>
      <Card>
        <Failure error={action.error} />
        {otherAccount && (
          <Button kind="danger" wide busy={forget.busy} onClick={() => void eraseOther()}>
            {t.signIn.forget}
          </Button>
        )}
        <Button icon={KeyIcon} wide busy={action.busy} onClick={() => void signIn()}>
          {action.busy ? t.signIn.busy : t.signIn.button}
        </Button>
        <ButtonLink href="/return" kind="soft" wide>
          {t.signIn.code}
        </ButtonLink>
      </Card>
      <p className={styles.other}>
        {t.signIn.none} <Link href="/start">{t.signIn.create}</Link>
      </p>
    </Page>
  );
}
