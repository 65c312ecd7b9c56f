import { useId, useState } from 'react';
import { Button, Chips, Dialog, toast } from '../../../design/index.ts';
import { useMessages } from '../../../messages/index.ts';
import { useEngine } from '../../engine-access.tsx';
import { useAction } from '../../load.ts';
import { Failure } from '../../pages/failure.tsx';
import { useConversations } from '../../talk/use-conversations.ts';
import styles from './pictures.module.css';

type Until = '86400' | '604800' | '2592000';
const untils: readonly Until[] = ['86400', '604800', '2592000'];

interface GrantDialogProps {
  readonly messageId: string;
  /** Who may share it. */
  readonly receiver: { readonly accountId: string; readonly pseudonym: string };
  readonly onClose: () => void;
}

/** The owner lets the receiver of a picture share it with others, by name and until a day. */
export function GrantDialog({ messageId, receiver, onClose }: GrantDialogProps) {
  const t = useMessages();
  const words = t.pictures.mine.grants;
  const form = useId();
  const engine = useEngine();
  const action = useAction();
  const people = useConversations()
    .filter(({ closed, with: person }) => !closed && person.accountId !== receiver.accountId)
    .map(({ with: person }) => person);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [until, setUntil] = useState<Until>('86400');
  const submit = async () => {
    if (chosen.length === 0) return;
    const receivers = people.filter(({ accountId }) => chosen.includes(accountId));
    const done = await action.run(() =>
      engine.pictures.grant({ messageId, receivers, until: Date.now() + Number(until) * 1000 }),
    );
    if (!done) return;
    toast(words.given);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.title}
      actions={
        <>
          <Button kind="soft" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" form={form} busy={action.busy} aria-disabled={chosen.length === 0}>
            {words.confirm}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p>{words.text(receiver.pseudonym)}</p>
        {people.length === 0 ? (
          <p className={styles.quiet}>{words.nobody}</p>
        ) : (
          <Chips
            legend={words.to}
            options={people.map(({ accountId, pseudonym }) => ({ value: accountId, label: pseudonym }))}
            chosen={chosen}
            onChange={setChosen}
          />
        )}
        <Chips
          single
          legend={words.until}
          options={untils.map((value) => ({ value, label: words.untilChoices[value] }))}
          chosen={[until]}
          onChange={([value = '86400']) => setUntil(value)}
        />
        <Failure error={action.error} />
      </form>
    </Dialog>
  );
}
