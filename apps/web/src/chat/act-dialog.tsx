import { type FormEvent, type ReactNode, useId } from 'react';
import { Button, Dialog, toast } from '../design/index.ts';
import { useMessages } from '../messages/index.ts';
import styles from './act-dialog.module.css';
import { useAction } from './load.ts';
import { Failure } from './pages/failure.tsx';

interface ActDialogProps {
  /** Whether it is open; what was typed stays while it is not. */
  readonly open?: boolean;
  readonly title: string;
  /** What the button says that does it. */
  readonly confirm: string;
  /** What the button says that does nothing. */
  readonly cancel?: string;
  /** Whether all is there that it takes. */
  readonly ready?: boolean;
  /** It is hard to take back. */
  readonly danger?: boolean;
  /** Asked at the press: false when what is missing is said beside its field, and nothing is done. */
  readonly check?: () => boolean;
  readonly work: () => Promise<unknown>;
  readonly onClose: () => void;
  /** Told after the work; the dialog is closed by then. */
  readonly onDone?: (() => void) | undefined;
  /** Said in a toast when it is done, where the page does not say it. */
  readonly done?: string;
  readonly children: ReactNode;
}

/** Something that is done, with what it needs and what failed where it fails. */
export function ActDialog(props: ActDialogProps) {
  const { open = true, title, confirm, ready = true, danger = false, children } = props;
  const { check, work, onClose, onDone, done } = props;
  const t = useMessages().common;
  const { cancel = t.cancel } = props;
  const form = useId();
  const action = useAction();
  const run = async (event: FormEvent) => {
    event.preventDefault();
    if (check?.() === false) return;
    const succeeded = await action.run(async () => {
      await work();
    });
    if (!succeeded) return;
    onClose();
    onDone?.();
    if (done !== undefined) toast(done);
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button kind="soft" onClick={onClose}>
            {cancel}
          </Button>
          <Button
            type="submit"
            form={form}
            kind={danger ? 'danger' : 'primary'}
            busy={action.busy}
            disabled={!ready}
          >
            {confirm}
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={(event) => void run(event)} noValidate>
        {children}
        <Failure error={action.error} />
      </form>
    </Dialog>
  );
}
