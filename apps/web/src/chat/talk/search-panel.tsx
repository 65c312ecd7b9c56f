import { useDeferredValue, useEffect, useState } from 'react';
import { CloseIcon, Field, IconButton } from '../../design/index.ts';
import { useLanguage } from '../../messages/index.ts';
import { useEngine } from '../engine-access.tsx';
import styles from './search-panel.module.css';
import { shortWhen } from './words.ts';

interface Hit {
  readonly id: string;
  readonly at: number;
  readonly text: string;
}

interface SearchPanelProps {
  readonly conversationId: string;
  readonly onJump: (id: string) => void;
  readonly onClose: () => void;
}

/** Search in what this device can read; nothing of it leaves the device. */
export function SearchPanel({ conversationId, onJump, onClose }: SearchPanelProps) {
  const { messages, language } = useLanguage();
  const t = messages.talk.search;
  const engine = useEngine();
  const [words, setWords] = useState('');
  const [hits, setHits] = useState<readonly Hit[] | null>(null);
  const wanted = useDeferredValue(words.trim());
  useEffect(() => {
    if (wanted === '') {
      setHits(null);
      return;
    }
    let stale = false;
    engine.conversations.search({ conversationId, words: wanted }).then(
      (found) => stale || setHits(found),
      () => stale || setHits([]),
    );
    return () => {
      stale = true;
    };
  }, [engine, conversationId, wanted]);
  return (
    <search className={styles.panel}>
      <div className={styles.line}>
        <Field
          label={t.label}
          hideLabel
          type="search"
          autoFocus
          autoComplete="off"
          placeholder={t.label}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            onClose();
          }}
        />
        <IconButton icon={CloseIcon} label={t.close} onClick={onClose} />
      </div>
      <p role="status" className={styles.count}>
        {hits === null ? '' : hits.length === 0 ? t.none : t.found(hits.length)}
      </p>
      {hits !== null && hits.length > 0 && (
        <ul className={styles.hits}>
          {hits.map(({ id, at, text }) => (
            <li key={id}>
              <button type="button" className={styles.hit} onClick={() => onJump(id)}>
                <span className={styles.text} dir="auto">
                  {text}
                </span>
                <time dateTime={new Date(at).toISOString()}>{shortWhen(at, Date.now(), language)}</time>
              </button>
            </li>
          ))}
        </ul>
      )}
    </search>
  );
}
