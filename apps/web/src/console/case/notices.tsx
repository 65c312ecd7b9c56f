import { citations, requestLaws } from '@accord/law';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { useAction } from '../../chat/load.ts';
import { Failure } from '../../chat/pages/failure.tsx';
import { Button, Card, DownloadIcon, Field, RadioList, Select } from '../../design/index.ts';
import { languageNames, languages, useLanguage } from '../../messages/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { saveText } from '../download.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { Tag, type Tone } from '../tags.tsx';
import { whenInWords } from '../time.ts';
import styles from './case.module.css';
import { type CaseView, may, useCase } from './context.ts';

type Notice = CaseView['notices'][number];
type Move = 'sent' | 'acknowledged' | 'removed' | 'refused' | 'given_up';

const tones: Readonly<Record<Notice['state'], Tone>> = {
  queued: 'warn',
  sent: 'plain',
  acknowledged: 'plain',
  removed: 'good',
  refused: 'bad',
  given_up: 'bad',
};

/** From where a notice goes on; what is over stays over. */
const moves: Readonly<Record<Notice['state'], readonly Move[]>> = {
  queued: ['sent', 'given_up'],
  sent: ['sent', 'acknowledged', 'removed', 'refused', 'given_up'],
  acknowledged: ['sent', 'removed', 'refused', 'given_up'],
  removed: [],
  refused: [],
  given_up: [],
};

/** Notices to other platforms: where each stands, again after silence, to be sent by hand where there is no address. */
export function Notices() {
  const t = useConsoleMessages().notices;
  const { view } = useCase();
  const [adding, setAdding] = useState(false);
  const [moved, setMoved] = useState<Notice | null>(null);
  const hasPlaces = view.items.some(({ kind }) => kind === 'place');
  const adds = may(view, 'queue_notice') && hasPlaces;
  if (view.notices.length === 0 && !adds) return null;
  return (
    <Card title={t.title}>
      {view.notices.length === 0 && <p className={styles.quiet}>{t.none}</p>}
      {view.notices.map((notice) => (
        <NoticeRow key={notice.id} notice={notice} onMove={() => setMoved(notice)} />
      ))}
      {adds && (
        <div className={styles.acts}>
          <Button kind="soft" small onClick={() => setAdding(true)}>
            {t.add}
          </Button>
        </div>
      )}
      {adding && <AddDialog onClose={() => setAdding(false)} />}
      {moved !== null && <MoveDialog notice={moved} onClose={() => setMoved(null)} />}
    </Card>
  );
}

function NoticeRow({ notice, onMove }: { readonly notice: Notice; readonly onMove: () => void }) {
  const t = useConsoleMessages().notices;
  const { language } = useLanguage();
  const { view } = useCase();
  const fetching = useAction();
  const follows = may(view, 'move_notice');
  const download = () =>
    fetching.run(async () => {
      const params = { caseId: view.id, noticeId: notice.id };
      const { to, subject, body } = await call('cases.notice', { params });
      const head = to === '' ? '' : `To: ${to}\n`;
      saveText(
        `${notice.platform.replace(/[^\p{L}\p{N}]+/gu, '-')}.txt`,
        `${head}Subject: ${subject}\n\n${body}`,
      );
    });
  return (
    <div className={styles.stack}>
      <p className={styles.clockLine}>
        <strong dir="auto">{notice.platform}</strong>
        <Tag tone={tones[notice.state]}>{t.states[notice.state]}</Tag>
      </p>
      <p className={styles.quiet}>
        {notice.to === '' ? t.byHand : notice.to}
        {notice.tries > 0 && ` · ${t.tries(notice.tries)}`}
        {notice.lastSentAt !== null && ` · ${t.lastAt(whenInWords(notice.lastSentAt, language))}`}
      </p>
      {follows && (
        <div className={styles.acts}>
          <Button kind="plain" small icon={DownloadIcon} busy={fetching.busy} onClick={() => void download()}>
            {t.download}
          </Button>
          {moves[notice.state].length > 0 && (
            <Button kind="plain" small onClick={onMove}>
              {t.move(notice.platform)}
            </Button>
          )}
        </div>
      )}
      <Failure error={fetching.error} />
    </div>
  );
}

function AddDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useConsoleMessages().notices;
  const { language } = useLanguage();
  const { give } = useCase();
  const [platform, setPlatform] = useState('');
  const [to, setTo] = useState('');
  const [law, setLaw] = useState<(typeof requestLaws)[number]>('eu-dsa');
  const [written, setWritten] = useState(language);
  return (
    <ActDialog
      title={t.add}
      confirm={t.queue}
      ready={platform.trim() !== ''}
      work={() => give({ kind: 'queue_notice', platform, to: to.trim(), law, language: written })}
      onClose={onClose}
    >
      <Field
        label={t.platform}
        value={platform}
        maxLength={120}
        onChange={(event) => setPlatform(event.target.value)}
      />
      <Field
        label={t.address}
        hint={t.addressHint}
        type="email"
        value={to}
        maxLength={320}
        autoComplete="off"
        onChange={(event) => setTo(event.target.value)}
      />
      <Select label={t.law} value={law} onChange={(event) => setLaw(event.target.value as typeof law)}>
        {requestLaws.map((one) => (
          <option key={one} value={one}>
            {citations[one].name[language]}
          </option>
        ))}
      </Select>
      <Select
        label={t.language}
        value={written}
        onChange={(event) => setWritten(event.target.value as typeof written)}
      >
        {languages.map((one) => (
          <option key={one} value={one}>
            {languageNames[one]}
          </option>
        ))}
      </Select>
      <p className={styles.quiet}>{t.repeats}</p>
    </ActDialog>
  );
}

function MoveDialog({ notice, onClose }: { readonly notice: Notice; readonly onClose: () => void }) {
  const t = useConsoleMessages().notices;
  const { give } = useCase();
  const [state, setState] = useState<Move | null>(null);
  const [detail, setDetail] = useState('');
  const run = async () => {
    if (state !== null) await give({ kind: 'move_notice', noticeId: notice.id, state, detail });
  };
  return (
    <ActDialog
      title={t.move(notice.platform)}
      confirm={t.save}
      ready={state !== null}
      work={run}
      onClose={onClose}
    >
      <RadioList
        legend={t.title}
        options={moves[notice.state].map((value) => ({ value, label: t.moves[value] }))}
        chosen={state}
        onChange={setState}
      />
      <Field
        label={t.detail}
        value={detail}
        maxLength={1000}
        onChange={(event) => setDetail(event.target.value)}
      />
    </ActDialog>
  );
}
