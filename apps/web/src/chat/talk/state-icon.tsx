import { ClockIcon, WarnIcon } from '../../design/index.ts';
import { useMessages } from '../../messages/index.ts';
import type { MessageState } from '../engine/api.ts';
import styles from './state-icon.module.css';

/** How far a message of one's own got, as a sign with a name. */
export function StateIcon({ state }: { readonly state: MessageState }) {
  const t = useMessages().talk.states;
  if (state === 'received') return null;
  return (
    <span className={styles[state]} role="img" aria-label={t[state]} title={t[state]} data-state={state}>
      {state === 'queued' && <ClockIcon size={14} />}
      {state === 'failed' && <WarnIcon size={14} />}
      {(state === 'sent' || state === 'delivered' || state === 'read') && <Ticks two={state !== 'sent'} />}
    </span>
  );
}

function Ticks({ two }: { readonly two: boolean }) {
  return (
    <svg viewBox="0 0 18 12" width="18" height="12" aria-hidden="true" focusable="false">
      <path
        d={two ? 'M1.5 6.5 4.8 9.8 11 2.5M7.6 8.6l1.2 1.2L15.5 2.5' : 'M3.5 6.5 6.8 9.8 13 2.5'}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
