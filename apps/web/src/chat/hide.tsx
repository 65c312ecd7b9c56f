import { HideIcon, IconButton } from '../design/index.ts';
import { useMessages } from '../messages/index.ts';

/** Two presses of Esc within this time leave, in ms. */
const within = 600;

/** Leaves for a neutral page that looks like a note. History forgets this page, the title says nothing. */
function leaveAtOnce(): void {
  try {
    // `first.js` reads it: "back" does not return here.
    sessionStorage.setItem('accord.left', '1');
  } catch {
    // Storage can be forbidden: leaving comes first.
  }
  document.title = '\u200e';
  document.documentElement.hidden = true;
  location.replace('/pause.html');
}

/** Leaves when Esc is pressed twice, wherever the focus is. Returns how to stop listening. */
export function listenForLeaving(): () => void {
  let lastEscape = Number.NEGATIVE_INFINITY;
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.repeat) return;
    if (event.timeStamp - lastEscape < within) leaveAtOnce();
    lastEscape = event.timeStamp;
  };
  window.addEventListener('keydown', onKey, { capture: true });
  return () => window.removeEventListener('keydown', onKey, { capture: true });
}

/** The visible way to leave; the keyboard's is double Esc. */
export function HideButton() {
  const t = useMessages().common;
  return (
    <IconButton icon={HideIcon} label={t.hide} title={`${t.hide}. ${t.hideHint}`} onClick={leaveAtOnce} />
  );
}
