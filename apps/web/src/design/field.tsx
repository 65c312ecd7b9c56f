import type {
  InputHTMLAttributes,
  ReactNode,
  Ref,
  SelectHTMLAttributes,
  TextareaHTMLAttributes,
} from 'react';
import { useId } from 'react';
import { classes } from './classes.ts';
import styles from './field.module.css';

interface Around {
  readonly label: string;
  /** A label for those who do not see the place it stands in. */
  readonly hideLabel?: boolean;
  readonly hint?: ReactNode;
  readonly error?: string | null | undefined;
  /** Characters used, where there is a limit. */
  readonly counter?: { readonly used: number; readonly limit: number; readonly label: string };
}

interface Wiring {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

function Wrapped({ around, children }: { around: Around; children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const { label, hideLabel, hint, error, counter } = around;
  const describedBy = [hint && `${id}-hint`, counter && `${id}-count`, error && `${id}-error`];
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={hideLabel ? styles.hidden : styles.label}>
        {label}
      </label>
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {children({
        id,
        'aria-describedby': describedBy.filter(Boolean).join(' ') || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      <div className={styles.below}>
        <p id={`${id}-error`} className={styles.error} aria-live="polite">
          {error}
        </p>
        {counter && (
          <p
            id={`${id}-count`}
            className={classes(styles.count, counter.used > counter.limit && styles.over)}
          >
            <span aria-hidden="true">
              {counter.used}/{counter.limit}
            </span>
            <span className={styles.hidden}>{counter.label}</span>
          </p>
        )}
      </div>
    </div>
  );
}

const split = <T extends Around>({ label, hideLabel, hint, error, counter, ...rest }: T) => ({
  around: { label, hideLabel, hint, error, counter } as Around,
  rest,
});

type FieldProps = Around & InputHTMLAttributes<HTMLInputElement> & { readonly ref?: Ref<HTMLInputElement> };

/** A line of text with its label, hint, error and counter. */
export function Field(props: FieldProps) {
  const { around, rest } = split(props);
  return (
    <Wrapped around={around}>
      {(wiring) => (
        <input dir="auto" {...rest} {...wiring} className={classes(styles.input, rest.className)} />
      )}
    </Wrapped>
  );
}

type TextAreaProps = Around &
  TextareaHTMLAttributes<HTMLTextAreaElement> & { readonly ref?: Ref<HTMLTextAreaElement> };

/** Text of several lines; it grows with what is written. */
export function TextArea(props: TextAreaProps) {
  const { around, rest } = split(props);
  return (
    <Wrapped around={around}>
      {(wiring) => (
        <textarea
          dir="auto"
          rows={3}
          {...rest}
          {...wiring}
          className={classes(styles.input, styles.area, rest.className)}
        />
      )}
    </Wrapped>
  );
}

type SelectProps = Around & SelectHTMLAttributes<HTMLSelectElement>;

/** One of several, in the system's own list. */
export function Select(props: SelectProps) {
  const { around, rest } = split(props);
  return (
    <Wrapped around={around}>
      {(wiring) => <select {...rest} {...wiring} className={classes(styles.input, styles.select)} />}
    </Wrapped>
  );
}

/** Text for screen readers only. */
export function Hidden({ children }: { readonly children: ReactNode }) {
  return <span className={styles.hidden}>{children}</span>;
}
