import { Button, CopyCode, DownloadIcon } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import type { AskedPerson } from '../engine/pictures-api.ts';
import styles from './bubble.module.css';
import { saveYeses } from './save-yeses.ts';

interface RefusalCodeProps {
  /** 16 bytes, hex. */
  readonly appeal: string;
  readonly people: readonly AskedPerson[];
}

/** Under which a refusal can be asked about, whole, and where: with the yeses that this device holds. */
export function RefusalCode({ appeal, people }: RefusalCodeProps) {
  const { messages, language } = useLanguage();
  const t = messages.pictures.bubble.appeal;
  const yeses = people.flatMap(({ record }) => (record === null ? [] : [{ record }]));
  const desk = language === 'fr' ? '/signaler/refused' : '/desk/refused';
  return (
    <>
      <CopyCode code={appeal.replaceAll(/.{4}(?=.)/g, '$&-')} label={t.label} />
      <p className={styles.hint}>{t.lead}</p>
      {yeses.length > 0 && (
        <Button small kind="plain" icon={DownloadIcon} onClick={() => saveYeses(yeses)}>
          {t.save}
        </Button>
      )}
      <a className={styles.hint} href={desk} target="_blank" rel="noopener">
        {t.go}
      </a>
    </>
  );
}
