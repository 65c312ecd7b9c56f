import { type Incident, incidents } from '@accord/case-model';
import { useState } from 'react';
import { Banner, Button, Card, DownloadIcon, Field, Select } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import { ActDialog } from '../act-dialog.tsx';
import { saveText } from '../download.ts';
import { useConsoleMessages } from '../messages/index.ts';
import { Tag } from '../tags.tsx';
import { whenInWords } from '../time.ts';
import { WordsField } from '../words-field.tsx';
import styles from './case.module.css';
import { type CaseView, may, useCase } from './context.ts';

type Report = NonNullable<CaseView['safety']>['reports'][number];

/** The path of a case with a child in it: frozen, reported, and "filed" on a receipt alone. */
export function Safety() {
  const t = useConsoleMessages().safety;
  const { language } = useLanguage();
  const { view } = useCase();
  const [act, setAct] = useState<'file' | 'receipt' | null>(null);
  const { safety } = view;
  if (safety === null) return null;
  return (
    <Card title={t.title}>
      <Banner kind="bad">
        {t.lead} {t.since(whenInWords(safety.since, language))}
      </Banner>
      <Banner kind={safety.receiptId === null ? 'warn' : 'good'} live>
        {safety.receiptId === null ? t.notFiled : t.filed(safety.receiptId)}{' '}
        {safety.preservedUntil !== null && t.preserved(whenInWords(safety.preservedUntil, language))}
      </Banner>
      {safety.reports.length > 0 && (
        <div className={styles.stack}>
          <h3 className={styles.small}>{t.reports}</h3>
          {safety.reports.map((report) => (
            <Built key={report.id} report={report} number={view.number} />
          ))}
        </div>
      )}
      <div className={styles.acts}>
        {may(view, 'file_child_safety') && (
          <Button small onClick={() => setAct('file')}>
            {t.file}
          </Button>
        )}
        {may(view, 'filed_child_safety') && (
          <Button small kind="soft" onClick={() => setAct('receipt')}>
            {t.byHand}
          </Button>
        )}
      </div>
      {act === 'file' && <FileDialog onClose={() => setAct(null)} />}
      {act === 'receipt' && <ReceiptDialog onClose={() => setAct(null)} />}
    </Card>
  );
}

function Built({ report, number }: { readonly report: Report; readonly number: string }) {
  const t = useConsoleMessages().safety;
  const { language } = useLanguage();
  return (
    <div className={styles.stack}>
      <p className={styles.clockLine}>
        <span>{whenInWords(report.builtAt, language)}</span>
        <Tag tone={report.test ? 'warn' : 'plain'}>{report.test ? t.test : t.real}</Tag>
        <Tag tone={report.receiptId === null ? 'warn' : 'good'}>
          {report.receiptId === null ? t.noReceipt : t.receipt(report.receiptId)}
        </Tag>
      </p>
      {report.error !== null && report.receiptId === null && <p className={styles.quiet}>{t.noAccount}</p>}
      <div className={styles.acts}>
        <Button
          kind="plain"
          small
          icon={DownloadIcon}
          onClick={() => saveText(`cybertip-case-${number}.xml`, report.xml, 'application/xml')}
        >
          {t.download}
        </Button>
      </div>
    </div>
  );
}

interface Closing {
  readonly onClose: () => void;
}

function FileDialog({ onClose }: Closing) {
  const t = useConsoleMessages().safety;
  const { give } = useCase();
  const [incident, setIncident] = useState<Incident>('Child Pornography');
  const [words, setWords] = useState('');
  return (
    <ActDialog
      title={t.file}
      confirm={t.send}
      ready={words.trim() !== ''}
      done={t.sent}
      work={() => give({ kind: 'file_child_safety', incident, words })}
      onClose={onClose}
    >
      <Select
        label={t.incident}
        value={incident}
        onChange={(event) => setIncident(event.target.value as Incident)}
      >
        {incidents.map((one) => (
          <option key={one} value={one}>
            {t.incidents[one]}
          </option>
        ))}
      </Select>
      <WordsField label={t.words} value={words} onChange={setWords} />
    </ActDialog>
  );
}

function ReceiptDialog({ onClose }: Closing) {
  const t = useConsoleMessages().safety;
  const { give } = useCase();
  const [receiptId, setReceiptId] = useState('');
  const [recipient, setRecipient] = useState('NCMEC');
  return (
    <ActDialog
      title={t.byHand}
      confirm={t.save}
      ready={receiptId.trim() !== '' && recipient.trim() !== ''}
      work={() => give({ kind: 'filed_child_safety', receiptId, recipient })}
      onClose={onClose}
    >
      <p>{t.notFiled}</p>
      <Field
        label={t.recipient}
        value={recipient}
        maxLength={120}
        onChange={(event) => setRecipient(event.target.value)}
      />
      <Field
        label={t.receiptId}
        value={receiptId}
        maxLength={100}
        autoComplete="off"
        onChange={(event) => setReceiptId(event.target.value)}
      />
    </ActDialog>
  );
}
