import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { Banner, Button, CopyCode, Field, Page } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import styles from './account.module.css';
import { isLastGroup } from './last-group.ts';

interface KeepCodeProps {
  readonly code: string;
  readonly steps?: ReactNode;
  readonly lead?: string;
  readonly onKept: () => void;
}

/** Shows a recovery code once, and lets one go on when it was kept for sure. */
export function KeepCode({ code, steps, lead, onKept }: KeepCodeProps) {
  const t = useMessages().account.code;
  const [checking, setChecking] = useState(false);
  useWarningBeforeLeaving();
  return (
    <Page key={checking ? 'check' : 'show'} title={t.title} lead={checking ? undefined : (lead ?? t.lead)}>
      {steps}
      {checking ? (
        <Check code={code} onKept={onKept} onAgain={() => setChecking(false)} />
      ) : (
        <>
          <CopyCode code={code} label={t.label} />
          <Banner kind="warn">{t.where}</Banner>
          <Button wide onClick={() => setChecking(true)}>
            {t.kept}
          </Button>
        </>
      )}
    </Page>
  );
}

interface CheckProps {
  readonly code: string;
  readonly onKept: () => void;
  readonly onAgain: () => void;
}

function Check({ code, onKept, onAgain }: CheckProps) {
  const t = useMessages().account.code;
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isLastGroup(typed, code)) onKept();
    else setWrong(true);
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field
        label={t.check}
        hint={t.checkHint(String(code.split('-').at(-1)?.length ?? 0))}
        value={typed}
        className={styles.code}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong(false);
        }}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        error={wrong ? t.wrong : null}
      />
      <Button type="submit" wide>
        {t.confirm}
      </Button>
      <Button kind="plain" wide onClick={onAgain}>
        {t.again}
      </Button>
    </form>
  );
}

/** The code can't be shown again: the browser asks before the page is closed. */
function useWarningBeforeLeaving(): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, []);
}
