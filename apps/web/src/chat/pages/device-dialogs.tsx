import { useState } from 'react';
import { call } from '../../api/client.ts';
import { Banner, Button, CopyCode, Dialog, Field, Skeleton } from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { ConfirmDialog } from '../confirm-dialog.tsx';
import { useEngine } from '../engine-access.tsx';
import { useLoad } from '../load.ts';
import { timeInWords, useNow } from '../time.ts';
import { Failure } from './failure.tsx';
import styles from './you.module.css';
import type { Device } from './you-devices.tsx';

interface DeviceDialogProps {
  readonly device: Device;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Another name for a device. */
export function RenameDeviceDialog({ device, onClose, onDone }: DeviceDialogProps) {
  const t = useMessages();
  const [typed, setTyped] = useState(device.name);
  const name = typed.trim();
  return (
    <ActDialog
      title={t.you.devices.renameTitle}
      confirm={t.common.save}
      ready={name !== ''}
      work={() => call('accounts.devices.rename', { params: { deviceId: device.id }, body: { name } })}
      onClose={onClose}
      onDone={onDone}
      done={t.common.saved}
    >
      <Field
        label={t.you.devices.name}
        value={typed}
        maxLength={40}
        required
        onChange={(event) => setTyped(event.target.value)}
      />
    </ActDialog>
  );
}

/** Removing a device, with what it can and can't do from then on. */
export function RemoveDeviceDialog({ device, onClose, onDone }: DeviceDialogProps) {
  const t = useMessages().you.devices;
  return (
    <ConfirmDialog
      title={t.removeTitle(device.name)}
      text={t.removeText}
      confirm={t.remove}
      done={t.removed}
      work={() => call('accounts.devices.remove', { params: { deviceId: device.id } })}
      onClose={onClose}
      onDone={onDone}
    />
  );
}

/** A code for one more device, made when the dialog opens. */
export function AddDeviceDialog({ onClose }: { readonly onClose: () => void }) {
  const { messages, language } = useLanguage();
  const t = messages.you.devices;
  const engine = useEngine();
  const [round, setRound] = useState(0);
  const link = useLoad(() => engine.account.createLinkCode(), [engine, round]);
  const now = useNow(1000);
  const expiresAt = link.state === 'ready' ? link.value.expiresAt : null;
  const over = expiresAt !== null && expiresAt <= now;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t.addTitle}
      actions={
        <>
          {over && (
            <Button kind="soft" onClick={() => setRound(round + 1)}>
              {t.addAgain}
            </Button>
          )}
          <Button onClick={onClose}>{messages.common.done}</Button>
        </>
      }
    >
      <ol className={styles.steps}>
        {t.addSteps(location.host).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {link.state === 'loading' && <Skeleton rows={1} />}
      {link.state === 'failed' && <Failure error={link.error} />}
      {link.state === 'ready' && !over && <CopyCode code={link.value.code} label={t.addCode} />}
      {expiresAt !== null && (
        <p className={styles.quiet} role="status">
          {over ? t.addOver : t.addUntil(timeInWords(expiresAt, language))}
        </p>
      )}
      <Banner kind="warn">{t.addCare}</Banner>
    </Dialog>
  );
}
