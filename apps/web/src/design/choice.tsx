import { useId } from 'react';
import styles from './choice.module.css';
import { classes } from './classes.ts';
import { CheckIcon } from './icons.tsx';

interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
}

interface ChipsProps<T extends string> {
  readonly legend: string;
  readonly hideLegend?: boolean;
  readonly hint?: string;
  readonly options: readonly Option<T>[];
  readonly chosen: readonly T[];
  readonly onChange: (chosen: readonly T[]) => void;
  /** Exactly one of them, rather than any number. */
  readonly single?: boolean;
  /** At most this many. */
  readonly limit?: number;
}

/** A choice among a few words, each a real checkbox or radio underneath. */
export function Chips<T extends string>(props: ChipsProps<T>) {
  const { legend, hideLegend, hint, options, chosen, onChange, single = false, limit } = props;
  const name = useId();
  const full = limit !== undefined && chosen.length >= limit;
  const toggle = (value: T) => {
    if (single) onChange([value]);
    else onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  };
  return (
    <fieldset className={styles.chips}>
      <legend className={hideLegend ? styles.hidden : styles.legend}>{legend}</legend>
      {hint && <p className={styles.hint}>{hint}</p>}
      <div className={styles.row}>
        {options.map(({ value, label }) => {
          const checked = chosen.includes(value);
          return (
            <label key={value} className={styles.chip}>
              <input
                type={single ? 'radio' : 'checkbox'}
                name={name}
                checked={checked}
                disabled={!single && full && !checked}
                onChange={() => toggle(value)}
              />
              <span className={styles.face}>
                {checked && <CheckIcon size={16} />}
                {label}
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

interface RadioListProps<T extends string> {
  readonly legend: string;
  readonly options: readonly (Option<T> & { readonly hint?: string })[];
  readonly chosen: T | null;
  readonly onChange: (chosen: T) => void;
  /** Said under the list, and at once to a screen reader. */
  readonly error?: string | null;
}

/** One of several, where each takes a line of words. */
export function RadioList<T extends string>({ legend, options, chosen, onChange, error }: RadioListProps<T>) {
  const name = useId();
  return (
    <fieldset className={styles.chips}>
      <legend className={styles.legend}>{legend}</legend>
      <div className={styles.lines}>
        {options.map(({ value, label, hint }) => (
          <label key={value} className={styles.line}>
            <input
              type="radio"
              name={name}
              className={styles.radio}
              checked={chosen === value}
              onChange={() => onChange(value)}
            />
            <span className={styles.text}>
              <span>{label}</span>
              {hint && <span className={styles.hint}>{hint}</span>}
            </span>
          </label>
        ))}
      </div>
      {error !== undefined && (
        <p role="alert" className={styles.error}>
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** On or off, at once. */
export function Switch({ label, hint, checked, disabled, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className={classes(styles.switch, disabled && styles.off)}>
      <label htmlFor={id} className={styles.text}>
        <span className={styles.name}>{label}</span>
        {hint && (
          <span id={`${id}-hint`} className={styles.hint}>
            {hint}
          </span>
        )}
      </label>
      <input
        id={id}
        type="checkbox"
        role="switch"
        className={styles.track}
        checked={checked}
        aria-checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
    </div>
  );
}
