import { type FormEvent, useState } from 'react';
import { Link, Redirect, useLocation } from 'wouter';
import {
  Banner,
  Button,
  Card,
  CheckIcon,
  classes,
  Field,
  Hidden,
  KeyIcon,
  Page,
  Steps,
} from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { detour } from '../detour.ts';
import { suggestDeviceName } from '../device-name.ts';
import { useEngine, useStatus } from '../engine-access.tsx';
import { useAction } from '../load.ts';
import { asPseudonym, isPseudonym, pseudonymRules } from '../pseudonym.ts';
import { rememberJoining } from '../way-back.ts';
import styles from './account.module.css';
import { Failure } from './failure.tsx';
import { KeepCode } from './keep-code.tsx';

/** Creating an account: a pseudonym, a passkey, the recovery code; the proof of age comes next. */
export default function Start() {
  const status = useStatus();
  const [, go] = useLocation();
  // Only on arrival: the account that this page creates must not lead away from its recovery code.
  const [elsewhere] = useState(() => detour('strangers', status));
  const [code, setCode] = useState<string | null>(null);
  if (elsewhere !== null) return <Redirect to={elsewhere} replace />;
  if (code === null) return <ChooseName onCreated={setCode} />;
  const onKept = () => {
    rememberJoining();
    go('/gate', { replace: true });
  };
  return <KeepCode code={code} steps={<Progress current={1} />} onKept={onKept} />;
}

/** The steps of becoming a member; the last can be passed over. */
export function Progress({ current }: { readonly current: number }) {
  const t = useMessages().account.steps;
  return <Steps label={t.label} steps={[t.name, t.code, t.age, t.profile]} current={current} />;
}

function ChooseName({ onCreated }: { readonly onCreated: (recoveryCode: string) => void }) {
  const t = useMessages().account;
  const engine = useEngine();
  const action = useAction();
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const [device, setDevice] = useState(() => suggestDeviceName(navigator.userAgent, t.deviceNames));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!isPseudonym(typed)) return;
    void action.run(async () => {
      const pseudonym = asPseudonym(typed);
      const { recoveryCode } = await engine.account.register({
        pseudonym,
        deviceName: device.trim() || suggestDeviceName(navigator.userAgent, t.deviceNames),
      });
      onCreated(recoveryCode);
    });
  };
  return (
    <Page title={t.start.title} documentTitle={t.start.documentTitle} lead={t.start.lead}>
      <Progress current={0} />
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t.start.pseudonym}
          name="pseudonym"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoComplete="username webauthn"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={40}
          required
          error={tried && !isPseudonym(typed) ? unmet(typed, t.start.rules) : null}
        />
        <Rules typed={typed} />
        <Banner>{t.start.advice}</Banner>
        <Card>
          <div className={styles.passkey}>
            <KeyIcon size={28} />
            <div>
              <h2 className={styles.small}>{t.start.passkeyTitle}</h2>
              <p className={styles.quiet}>{t.start.passkey}</p>
            </div>
          </div>
          <Failure error={action.error} />
          <Button type="submit" wide busy={action.busy}>
            {action.busy ? t.start.creating : t.start.create}
          </Button>
        </Card>
        <details className={styles.device}>
          <summary>{t.start.deviceIs(device)}</summary>
          <Field
            label={t.start.device}
            hint={t.start.deviceHint}
            value={device}
            onChange={(event) => setDevice(event.target.value)}
            maxLength={40}
          />
        </details>
        <p className={styles.other}>
          {t.start.member} <Link href="/sign-in">{t.start.signIn}</Link>
        </p>
      </form>
    </Page>
  );
}

type RuleTexts = ReturnType<typeof useMessages>['account']['start']['rules'];

/** The first rule that is not met, as the error of the field. */
function unmet(typed: string, texts: RuleTexts): string {
  const rules = pseudonymRules(typed);
  if (!rules.length) return texts.length;
  return rules.characters ? texts.ends : texts.characters;
}

function Rules({ typed }: { readonly typed: string }) {
  const t = useMessages().account.start;
  const rules = pseudonymRules(typed);
  return (
    <ul className={styles.rules}>
      {(['length', 'characters', 'ends'] as const).map((rule) => (
        <li key={rule} className={classes(styles.rule, rules[rule] && styles.met)}>
          <span className={styles.tick}>{rules[rule] && <CheckIcon size={16} />}</span>
          {t.rules[rule]}
          <Hidden>{rules[rule] ? t.met : t.unmet}</Hidden>
        </li>
      ))}
    </ul>
  );
}
