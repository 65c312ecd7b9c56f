import { useState } from 'react';
import { useMessages } from '../messages/index.ts';
import { Button } from './button.tsx';
import styles from './code.module.css';
import { CheckIcon, CopyIcon } from './icons.tsx';

/** How long "copied" stays on the button, in ms. */
const copiedFor = 2500;

/** A code in groups that can be read aloud, and copied. */
export function CopyCode({ code, label }: { readonly code: string; readonly label: string }) {
  const t = useMessages().common;
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    setCopied(true);
    setTimeout(() => setCopied(false), copiedFor);
  };
  return (
    <div className={styles.code}>
      {/* biome-ignore lint/a11y/useSemanticElements: a group with a name, not a form's fieldset */}
      <p className={styles.groups} role="group" aria-label={label} translate="no" dir="ltr">
        {code.split('-').map((group, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: groups may repeat and never move
          <span key={at}>{group}</span>
        ))}
      </p>
      <Button kind="soft" small icon={copied ? CheckIcon : CopyIcon} onClick={() => void copy()}>
        <span aria-live="polite">{copied ? t.copied : t.copy}</span>
      </Button>
    </div>
  );
}
