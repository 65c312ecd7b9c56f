import { ActDialog } from './act-dialog.tsx';

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
export function ConfirmDialog({ text, ...rest }: ConfirmDialogProps) {
  return (
    <ActDialog danger {...rest}>
      <p>{text}</p>
    </ActDialog>
  );
}
