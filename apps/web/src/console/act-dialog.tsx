import type { ReactNode } from 'react';
import { useAction } from '../chat/load.ts';
import { Failure } from '../chat/pages/failure.tsx';
import { Button, Dialog, toast } from '../design/index.ts';
import { useMessages } from '../messages/index.ts';
import { useConsoleMessages } from './messages/index.ts';

interface ActDialogProps {
  readonly title: string;
  /** What the button says that does it; by default the title. */
  readonly confirm?: string;
  readonly ready?: boolean;
  readonly work: () => Promise<void>;
  readonly onClose: () => void;
  /** Said in a toast when it is done. */
  readonly done?: string;
  readonly children: ReactNode;
}

/** Something that is done to a case, with what it needs and what came of it. */
export function ActDialog({ title, confirm, ready = true, work, onClose, done, children }: ActDialogProps) {
  const t = useConsoleMessages().acts;
  const common = useMessages().common;
  const action = useAction();
  const run = async () => {
    if (!(await action.run(work))) return;
    onClose();
    toast(done ?? t.done);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button kind="soft" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button busy={action.busy} disabled={!ready} onClick={() => void run()}>
            {confirm ?? title}
          </Button>
        </>
      }
    >
      {children}
      <Failure error={action.error} />
    </Dialog>
  );
}
