import type { ComponentProps } from 'react';
import { ActDialog as Dialog } from '../chat/act-dialog.tsx';
import { useConsoleMessages } from './messages/index.ts';

type ActDialogProps = Omit<ComponentProps<typeof Dialog>, 'confirm' | 'done'> & {
  /** What the button says that does it; by default the title. */
  readonly confirm?: string;
  readonly done?: string;
};

/** Something that is done to a case, with what it needs and what came of it. */
export function ActDialog({ confirm, done, ...rest }: ActDialogProps) {
  const t = useConsoleMessages().acts;
  return <Dialog confirm={confirm ?? rest.title} done={done ?? t.done} {...rest} />;
}
