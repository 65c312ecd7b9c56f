import { useState } from 'react';
import { useLocation } from 'wouter';
import { call } from '../../api/client.ts';
import { Banner, Button, Card, DownloadIcon, Field, LeaveIcon, Page, TrashIcon } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { useEngine, useStatus } from '../engine-access.tsx';
import { useAction, useLoad } from '../load.ts';
import { asPseudonym } from '../pseudonym.ts';
import { rememberVisit } from '../visit.ts';
import { Failure } from './failure.tsx';
import styles from './you.module.css';

/** One's data, leaving this browser, leaving for good. */
export default function YouAccount() {
  const t = useMessages().you.account;
  return (
    <Page title={t.title} back="/you">
      <Export />
      <SignOut />
      <Delete />
    </Page>
  );
}

function Export() {
  const t = useMessages().you.account;
  const engine = useEngine();
  const action = useAction();
  const download = () =>
    action.run(async () => {
      const url = URL.createObjectURL(await engine.settings.exportData());
      const link = document.createElement('a');
      link.href = url;
      link.download = `accord-${new Date().toISOString().slice(0, 10)}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
  return (
    <Card title={t.export}>
      <p className={styles.quiet}>{t.exportText}</p>
      <div className={styles.actions}>
        <Button kind="soft" icon={DownloadIcon} busy={action.busy} onClick={() => void download()}>
          {action.busy ? t.exporting : t.exportButton}
        </Button>
        <Failure error={action.error} />
      </div>
    </Card>
  );
}

function SignOut() {
  const t = useMessages().you.account;
  const engine = useEngine();
  const action = useAction();
  const [, go] = useLocation();
  const devices = useLoad((signal) => call('accounts.devices.list', { signal }), []);
  const last = devices.state === 'ready' && devices.value.devices.length <= 1;
  const leave = async () => {
    const done = await action.run(() => engine.account.signOut());
    if (!done) return;
    rememberVisit(false);
    go('/', { replace: true });
  };
  return (
    <Card title={t.out}>
      <p className={styles.quiet}>{t.outText}</p>
      {last && <Banner kind="warn">{t.outLast}</Banner>}
      <div className={styles.actions}>
        <Button kind="soft" icon={LeaveIcon} busy={action.busy} onClick={() => void leave()}>
          {t.outButton}
        </Button>
        <Failure error={action.error} />
      </div>
    </Card>
  );
}

function Delete() {
  const t = useMessages().you.account;
  const [open, setOpen] = useState(false);
  return (
    <Card title={t.delete}>
      <p className={styles.quiet}>{t.deleteText}</p>
      <div className={styles.actions}>
        <Button kind="danger" icon={TrashIcon} onClick={() => setOpen(true)}>
          {t.deleteButton}
        </Button>
      </div>
      {open && <DeleteDialog onClose={() => setOpen(false)} />}
    </Card>
  );
}

function DeleteDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useMessages().you.account;
  const engine = useEngine();
  const { me } = useStatus();
  const [, go] = useLocation();
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const name = me?.pseudonym ?? '';
  const isSame = () => {
    const same = asPseudonym(typed).toLowerCase() === name.toLowerCase();
    setWrong(!same);
    return same;
  };
  return (
    <ActDialog
      danger
      title={t.deleteTitle}
      confirm={t.deleteConfirm}
      cancel={t.cancel}
      check={isSame}
      work={() => engine.account.deleteAccount()}
      onClose={onClose}
      onDone={() => {
        rememberVisit(false);
        go('/', { replace: true });
      }}
    >
      <p>{t.deleteText}</p>
      <Field
        label={t.deleteLabel}
        hint={t.deleteType(name)}
        value={typed}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        error={wrong ? t.deleteWrong : null}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong(false);
        }}
      />
    </ActDialog>
  );
}
