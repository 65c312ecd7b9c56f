import type { Reply } from '@accord/protocol';
import { useEffect, useState } from 'react';
import { call } from '../../api/client.ts';
import {
  Button,
  Card,
  DeviceIcon,
  EditIcon,
  ErrorState,
  Menu,
  Page,
  PlusIcon,
  Skeleton,
  TrashIcon,
} from '../../design/index.ts';
import { useLanguage, useMessages } from '../../messages/index.ts';
import { useEngine } from '../engine-access.tsx';
import { useLoad } from '../load.ts';
import { dayInWords } from '../time.ts';
import { AddDeviceDialog, RemoveDeviceDialog, RenameDeviceDialog } from './device-dialogs.tsx';
import styles from './you.module.css';

export type Device = Reply<'accounts.devices.list'>['devices'][number];

type Open = { readonly what: 'rename' | 'remove'; readonly device: Device } | { readonly what: 'add' } | null;

/** The devices of the account: what they are called, when they were last here, adding and removing. */
export default function YouDevices() {
  const t = useMessages().you.devices;
  const engine = useEngine();
  const list = useLoad((signal) => call('accounts.devices.list', { signal }), []);
  const [open, setOpen] = useState<Open>(null);
  const { reload } = list;
  useEffect(() => engine.subscribe((event) => event.type === 'devices' && reload()), [engine, reload]);
  const close = () => setOpen(null);
  return (
    <Page title={t.title} lead={t.lead} back="/you">
      {list.state === 'loading' && <Skeleton rows={2} />}
      {list.state === 'failed' && <ErrorState error={list.error} onRetry={reload} />}
      {list.state === 'ready' && (
        <Card rows>
          {list.value.devices.map((device) => (
            <DeviceRow key={device.id} device={device} onOpen={(what) => setOpen({ what, device })} />
          ))}
        </Card>
      )}
      <Button kind="soft" icon={PlusIcon} wide onClick={() => setOpen({ what: 'add' })}>
        {t.add}
      </Button>
      {open?.what === 'rename' && <RenameDeviceDialog device={open.device} onClose={close} onDone={reload} />}
      {open?.what === 'remove' && <RemoveDeviceDialog device={open.device} onClose={close} onDone={reload} />}
      {open?.what === 'add' && <AddDeviceDialog onClose={close} />}
    </Page>
  );
}

interface DeviceRowProps {
  readonly device: Device;
  readonly onOpen: (what: 'rename' | 'remove') => void;
}

function DeviceRow({ device, onOpen }: DeviceRowProps) {
  const { messages, language } = useLanguage();
  const t = messages.you.devices;
  const rename = { label: t.rename, icon: EditIcon, onSelect: () => onOpen('rename') };
  const remove = { label: t.remove, icon: TrashIcon, danger: true, onSelect: () => onOpen('remove') };
  const seen = device.lastSeenAt === null ? null : t.seen(dayInWords(device.lastSeenAt, language));
  return (
    <div className={styles.device}>
      <DeviceIcon size={26} />
      <div>
        <p className={styles.named}>
          <span className={styles.deviceName} dir="auto">
            {device.name}
          </span>
          {device.current && <span className={styles.badge}>{t.current}</span>}
        </p>
        <p className={styles.quiet}>
          {[t.added(dayInWords(device.addedAt, language)), device.current ? null : seen]
            .filter(Boolean)
            .join(', ')}
        </p>
      </div>
      <Menu
        label={`${messages.common.more}: ${device.name}`}
        items={device.current ? [rename] : [rename, remove]}
      />
    </div>
  );
}
