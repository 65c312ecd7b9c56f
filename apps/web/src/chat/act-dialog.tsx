import type { ReactNode } from 'react';
import { Button, Dialog, toast } from '../design/index.ts';
import { useMessages } from '../messages/index.ts';
import { useAction } from './load.ts';
import { Failure } from './pages/failure.tsx';

interface ActDialogProps {
  readonly title: string;
  /** What the button says that does it. */
  readonly confirm: string;
  /** Whether all is there that it takes. */
  readonly ready?: boolean;
  /** It is hard to take back. */
  readonly danger?: boolean;
  readonly work: () => Promise<unknown>;
  readonly onClose: () => void;
  /** Told after the work; the dialog is closed by then. */
  readonly onDone?: (() => void) | undefined;
  /** Said in a toast when it is done. */
  readonly done: string;
  readonly children: ReactNode;
}

/** Something that is done, with what it needs and what failed where it fails. */
export function ActDialog(props: ActDialogProps) {
  const { title, confirm, ready = true, danger = false, work, onClose, onDone, done, children } = props;
  const t = useMessages().common;
  const action = useAction();
  const run = async () => {
    const succeeded = await action.run(async () => {
      await work();
    });
    if (!succeeded) return;
    onClose();
    onDone?.();
    toast(done);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button kind="soft" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button
            kind={danger ? 'danger' : 'primary'}
            busy={action.busy}
            disabled={!ready}
            onClick={() => void run()}
          >
            {confirm}
          </Button>
        </>
      }
    >
      {children}
      <Failure error={action.error} />
    </Dialog>
  );
}
