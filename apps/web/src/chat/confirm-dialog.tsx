import { Button, Dialog, toast } from '../design/index.ts';
import { useMessages } from '../messages/index.ts';
import { useAction } from './load.ts';
import { Failure } from './pages/failure.tsx';

interface ConfirmDialogProps {
  readonly title: string;
  /** What it means. */
  readonly text: string;
  /** What the button says that does it. */
  readonly confirm: string;
  readonly work: () => Promise<unknown>;
  readonly onClose: () => void;
  /** Told after the work; the dialog is closed by then. */
  readonly onDone?: () => void;
  /** Said in a toast when it is done. */
  readonly done: string;
}

/** Asks once more before what is hard to take back: what it means, and what failed where it fails. */
export function ConfirmDialog({ title, text, confirm, work, onClose, onDone, done }: ConfirmDialogProps) {
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
          <Button kind="danger" busy={action.busy} onClick={() => void run()}>
            {confirm}
          </Button>
        </>
      }
    >
      <p>{text}</p>
      <Failure error={action.error} />
    </Dialog>
  );
}
