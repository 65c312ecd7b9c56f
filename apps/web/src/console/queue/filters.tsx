import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button, Field, SearchIcon, Select } from '../../design/index.ts';
import { useConsoleMessages } from '../messages/index.ts';
import styles from './queue.module.css';
import type { Asked } from './use-queue.ts';

interface FiltersProps {
  readonly asked: Asked;
  readonly onChange: (asked: Asked) => void;
  /** Rises when the keyboard asks for the field of the number. */
  readonly find: number;
}

const phases = ['incomplete', 'valid', 'removed', 'declined', 'restored', 'merged'] as const;
const hours = ['0', '4', '12', '24', '48'] as const;
const waits = ['unanswered', 'proposals'] as const;

/** Leaves out what is not chosen. */
const narrowed = <K extends keyof Asked>(asked: Asked, key: K, value: string): Asked => {
  const { [key]: _, ...rest } = asked;
  return value === '' ? (rest as Asked) : ({ ...rest, [key]: value } as Asked);
};

/** Narrows the queue, on the server: a page is a page of what fits. */
export function Filters({ asked, onChange, find }: FiltersProps) {
  const { queue: t, phases: names } = useConsoleMessages();
  const [number, setNumber] = useState(asked.number ?? '');
  const field = useRef<HTMLInputElement>(null);
  // On a narrow screen the cases come first.
  const [open, setOpen] = useState(() => matchMedia('(min-width: 40rem)').matches);
  useEffect(() => {
    if (find > 0) setOpen(true);
  }, [find]);
  useEffect(() => {
    if (find > 0 && open) field.current?.focus();
  }, [find, open]);
  const search = (event: FormEvent) => {
    event.preventDefault();
    onChange(narrowed(asked, 'number', number.trim()));
  };
  return (
    <details
      className={styles.fold}
      open={open}
      onToggle={(event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}
    >
      <summary>{t.filters}</summary>
      <fieldset className={styles.filters} aria-label={t.filters}>
        <Select
          label={t.within}
          value={asked.within ?? ''}
          onChange={(event) => onChange(narrowed(asked, 'within', event.target.value))}
        >
          <option value="">{t.anyTime}</option>
          {hours.map((one) => (
            <option key={one} value={one}>
              {t.withinWords[one]}
            </option>
          ))}
        </Select>
        <Select
          label={t.phase}
          value={asked.phase ?? ''}
          onChange={(event) => onChange(narrowed(asked, 'phase', event.target.value))}
        >
          <option value="">{t.anyPhase}</option>
          {phases.map((one) => (
            <option key={one} value={one}>
              {names[one]}
            </option>
          ))}
        </Select>
        <Select
          label={t.only}
          value={asked.only ?? ''}
          onChange={(event) => onChange(narrowed(asked, 'only', event.target.value))}
        >
          <option value="">{t.anyOnly}</option>
          {waits.map((one) => (
            <option key={one} value={one}>
              {t.onlyWords[one]}
            </option>
          ))}
        </Select>
        <form onSubmit={search} className={styles.find}>
          <Field
            ref={field}
            label={t.number}
            title={t.numberHint}
            value={number}
            maxLength={24}
            autoComplete="off"
            onChange={(event) => setNumber(event.target.value)}
          />
          <Button type="submit" kind="soft" small icon={SearchIcon}>
            {t.find}
          </Button>
        </form>
      </fieldset>
    </details>
  );
}
