import { useState } from 'react';
import { Chips } from '../../../design/index.ts';
import { useMessages } from '../../../messages/index.ts';
import { ActDialog } from '../../act-dialog.tsx';
import { useEngine } from '../../engine-access.tsx';
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
  const words = useMessages().pictures.mine.grants;
  const engine = useEngine();
  const people = useConversations()
    .filter(({ closed, with: person }) => !closed && person.accountId !== receiver.accountId)
    .map(({ with: person }) => person);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [until, setUntil] = useState<Until>('86400');
  const give = () => {
    const receivers = people.filter(({ accountId }) => chosen.includes(accountId));
    return engine.pictures.grant({ messageId, receivers, until: Date.now() + Number(until) * 1000 });
  };
  return (
    <ActDialog
      title={words.title}
      confirm={words.confirm}
      ready={chosen.length > 0}
      work={give}
      onClose={onClose}
      done={words.given}
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
    </ActDialog>
  );
}
