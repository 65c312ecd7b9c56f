import { type ReactNode, useEffect, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button, Card, DownloadIcon, Field, Select } from '../../design/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { saveFolder } from '../download.ts';
import { useMe } from '../me.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { WordsField } from '../words-field.tsx';
import styles from './case.module.css';
import { type ConsoleCommand, may, useCase } from './context.ts';

type Act =
  | 'message'
  | 'protect'
  | 'release'
  | 'merge'
  | 'raise_child_safety'
  | 'hold'
  | 'lift_hold'
  | 'receive_order'
  | 'pause_order'
  | 'resume_order'
  | 'close'
  | 'evidence';

/** Everything that is neither a decision nor takes two. What a role can't do, or the case does not allow, is not there. */
export function Acts({ message }: { readonly message: number }) {
  const t = useConsoleMessages().acts;
  const { view } = useCase();
  const me = useMe();
  const [act, setAct] = useState<Act | null>(null);
  const mayWrite = may(view, 'message');
  useEffect(() => {
    if (message > 0 && mayWrite) setAct('message');
  }, [message, mayWrite]);
  const ordered = view.clocks.some(({ clock, metAt }) => clock === 'fr-6-1' && metAt === null);
  const names: Readonly<Record<Act, string>> = {
    message: t.message,
    protect: t.protect,
    release: t.release,
    merge: t.merge,
    raise_child_safety: t.raise,
    hold: t.hold,
    lift_hold: t.liftHold,
    receive_order: t.receiveOrder,
    pause_order: t.pauseOrder,
    resume_order: t.resumeOrder,
    close: t.close,
    evidence: t.evidence,
  };
  const acts = (Object.keys(names) as Act[]).filter((one) => {
    if (one === 'evidence') return me.can('case.export');
    if ((one === 'pause_order' || one === 'resume_order') && !ordered) return false;
    return may(view, one);
  });
  const close = () => setAct(null);
  return (
    <Card title={t.title}>
      {acts.length === 0 && <p>{t.none}</p>}
      <div className={styles.acts}>
        {acts.map((one) => (
          <Button
            key={one}
            kind="soft"
            small
            {...(one === 'evidence' && { icon: DownloadIcon })}
            onClick={() => setAct(one)}
          >
            {names[one]}
          </Button>
        ))}
      </div>
      {act === 'message' && <MessageDialog onClose={close} />}
      {act === 'merge' && <MergeDialog onClose={close} />}
      {act === 'receive_order' && <OrderDialog onClose={close} />}
      {act === 'evidence' && <EvidenceDialog onClose={close} />}
      {(act === 'protect' || act === 'release' || act === 'close') && (
        <PlainDialog
          title={names[act]}
          text={act === 'protect' ? t.protectText : act === 'release' ? t.releaseText : t.closeText}
          command={{ kind: act }}
          onClose={close}
        />
      )}
      {(act === 'raise_child_safety' ||
        act === 'hold' ||
        act === 'lift_hold' ||
        act === 'pause_order' ||
        act === 'resume_order') && (
        <WhyDialog
          title={names[act]}
          text={act === 'raise_child_safety' ? t.raiseText : null}
          commandOf={(why) => ({ kind: act, why })}
          onClose={close}
        />
      )}
    </Card>
  );
}

interface Closing {
  readonly onClose: () => void;
}

function PlainDialog({
  title,
  text,
  command,
  onClose,
}: Closing & { readonly title: string; readonly text: string; readonly command: ConsoleCommand }) {
  const { give } = useCase();
  return (
    <ActDialog title={title} work={() => give(command)} onClose={onClose}>
      <p>{text}</p>
    </ActDialog>
  );
}

interface WhyDialogProps extends Closing {
  readonly title: string;
  readonly text: ReactNode;
  readonly commandOf: (why: string) => ConsoleCommand;
}

function WhyDialog({ title, text, commandOf, onClose }: WhyDialogProps) {
  const t = useConsoleMessages().acts;
  const { give } = useCase();
  const [why, setWhy] = useState('');
  return (
    <ActDialog title={title} ready={why.trim() !== ''} work={() => give(commandOf(why))} onClose={onClose}>
      {text !== null && <p>{text}</p>}
      <WordsField label={t.why} hint={t.needWords} value={why} onChange={setWhy} />
    </ActDialog>
  );
}

const receivers = ['reporter', 'uploader', 'note'] as const;

function MessageDialog({ onClose }: Closing) {
  const t = useConsoleMessages().acts;
  const { give } = useCase();
  const [to, setTo] = useState<(typeof receivers)[number]>('reporter');
  const [words, setWords] = useState('');
  return (
    <ActDialog
      title={t.message}
      confirm={t.send}
      ready={words.trim() !== ''}
      work={() => give({ kind: 'message', to, words })}
      onClose={onClose}
    >
      <Select label={t.to} value={to} onChange={(event) => setTo(event.target.value as typeof to)}>
        {receivers.map((one) => (
          <option key={one} value={one}>
            {t.toWhom[one]}
          </option>
        ))}
      </Select>
      <WordsField label={t.words} value={words} onChange={setWords} />
    </ActDialog>
  );
}

function MergeDialog({ onClose }: Closing) {
  const t = useConsoleMessages().acts;
  const { view, give } = useCase();
  const [number, setNumber] = useState('');
  const [absent, setAbsent] = useState(false);
  const merge = async () => {
    const { cases } = await call('cases.list', { query: { number } });
    const into = cases.find(({ id }) => id !== view.id)?.id;
    setAbsent(into === undefined);
    if (into === undefined) throw Object.assign(new Error('absent'), { code: 'not_found' });
    await give({ kind: 'merge', into });
  };
  return (
    <ActDialog title={t.merge} ready={number.trim() !== ''} work={merge} onClose={onClose}>
      <p>{t.mergeText}</p>
      <Field
        label={t.mergeNumber}
        value={number}
        maxLength={24}
        autoComplete="off"
        error={absent ? t.mergeAbsent : null}
        onChange={(event) => setNumber(event.target.value)}
      />
    </ActDialog>
  );
}

function OrderDialog({ onClose }: Closing) {
  const t = useConsoleMessages().acts;
  const { give } = useCase();
  const [orderId, setOrderId] = useState('');
  const [authority, setAuthority] = useState('');
  return (
    <ActDialog
      title={t.receiveOrder}
      confirm={t.send}
      ready={orderId.trim() !== '' && authority.trim() !== ''}
      work={() => give({ kind: 'receive_order', orderId, authority })}
      onClose={onClose}
    >
      <Field
        label={t.authority}
        value={authority}
        maxLength={200}
        onChange={(event) => setAuthority(event.target.value)}
      />
      <Field
        label={t.orderId}
        value={orderId}
        maxLength={200}
        onChange={(event) => setOrderId(event.target.value)}
      />
    </ActDialog>
  );
}

function EvidenceDialog({ onClose }: Closing) {
  const t = useConsoleMessages().acts;
  const { view } = useCase();
  const save = async () => {
    const { files } = await call('cases.evidence', { params: { caseId: view.id }, body: {} });
    await saveFolder(`accord-case-${view.number}`, files);
  };
  return (
    <ActDialog title={t.evidence} work={save} onClose={onClose} done={t.evidenceDone}>
      <p>{t.evidenceText}</p>
    </ActDialog>
  );
}
