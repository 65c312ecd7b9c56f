import { type FormEvent, useState } from 'react';
import { Redirect, useLocation } from 'wouter';
import { Banner, Button, Field, Page } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { suggestDeviceName } from '../device-name.ts';
import { useEngine, useStatus } from '../engine-access.tsx';
import { useAction } from '../load.ts';
import styles from './account.module.css';
import { Failure } from './failure.tsx';
import { KeepCode } from './keep-code.tsx';

/** Coming back by a recovery code, or with one more device by a link code. */
export default function Return() {
  const t = useMessages().account.back;
  const status = useStatus();
  const [, go] = useLocation();
  const [elsewhere] = useState(() =>
    status.stage === 'ready' || status.stage === 'no-proof' || status.stage === 'unreachable'
      ? '/people'
      : null,
  );
  const [newCode, setNewCode] = useState<string | null>(null);
  if (elsewhere !== null) return <Redirect to={elsewhere} replace />;
  const onward = () => go('/people', { replace: true });
  if (newCode !== null) return <KeepCode code={newCode} lead={t.newCode} onKept={onward} />;
  return (
    <WithCode
      signedIn={status.stage === 'no-device'}
      onDone={(code) => (code === null ? onward() : setNewCode(code))}
    />
  );
}

interface WithCodeProps {
  readonly signedIn: boolean;
  readonly onDone: (newRecoveryCode: string | null) => void;
}

function WithCode({ signedIn, onDone }: WithCodeProps) {
  const { account, errors } = useMessages();
  const t = account.back;
  const engine = useEngine();
  const action = useAction();
  const [code, setCode] = useState('');
  const [tried, setTried] = useState(false);
  const [device, setDevice] = useState(() => suggestDeviceName(navigator.userAgent, account.deviceNames));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (code.trim() === '' || device.trim() === '') return;
    void action.run(async () => {
      const { recoveryCode } = await engine.account.returnWithCode({ code, deviceName: device.trim() });
      onDone(recoveryCode);
    });
  };
  return (
    <Page
      title={signedIn ? t.needsCodeTitle : t.title}
      documentTitle={t.title}
      lead={signedIn ? t.needsCode : t.lead}
      {...(signedIn ? {} : { back: '/sign-in' })}
    >
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t.code}
          hint={t.codeHint}
          value={code}
          className={styles.code}
          onChange={(event) => setCode(event.target.value)}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={80}
          required
          error={tried && code.trim() === '' ? errors.code_malformed : null}
        />
        <Field
          label={t.device}
          value={device}
          onChange={(event) => setDevice(event.target.value)}
          maxLength={40}
          required
        />
        <Banner>
          {t.passkey} {t.earlier}
        </Banner>
        <Failure error={action.error} />
        <Button type="submit" wide busy={action.busy}>
          {action.busy ? t.busy : t.button}
        </Button>
      </form>
    </Page>
  );
}
