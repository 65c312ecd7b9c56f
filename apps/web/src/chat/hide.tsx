import { HideIcon, IconButton } from '../design/index.ts';
import { useMessages } from '../messages/index.ts';

/** The visible way to leave; the keyboard's is double Esc. `first.js` hears both, before anything else is loaded. */
export function HideButton() {
  const t = useMessages().common;
  return <IconButton icon={HideIcon} label={t.hide} title={`${t.hide}. ${t.hideHint}`} data-leave />;
}
